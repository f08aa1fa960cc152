/*
 * The portal's one script: a Copy button that says the truth, Print, and a
 * search that finds while one types.
 * Everything works without it: its buttons are hidden until it has run.
 *
 * <button type="button" class="second" data-copy="id-of-the-text" hidden>Copy</button>
 * <button type="button" class="link" data-print hidden>Print</button>
 * <form method="get" data-live="id-of-what-was-found">
 */
"use strict";

function say(button, text) {
	let status = button.nextElementSibling;

	if (!status || !status.classList.contains("copied")) {
		status = document.createElement("small");
		status.className = "copied";
		status.setAttribute("role", "status");
		button.after(status);
	}
	status.textContent = text;
}

async function copy(button, source) {
	try {
		await navigator.clipboard.writeText(source.textContent.trim() + "\n");
		say(button, "Copied.");
	} catch (e) {
		/* no clipboard here, or not allowed: select it and say so */
		getSelection().selectAllChildren(source);
		source.focus();
		say(button, "The browser gives no clipboard here. The text is selected: press Ctrl+C.");
	}
}

for (const button of document.querySelectorAll("button[data-copy]")) {
	const source = document.getElementById(button.dataset.copy);

	if (!source)
		continue;
	button.hidden = false;
	button.addEventListener("click", () => copy(button, source));
}

for (const button of document.querySelectorAll("button[data-print]")) {
	button.hidden = false;
	button.addEventListener("click", () => print());
}

/* What the form would show, in the place of what stands there. */
async function find(form, signal) {
	const url = form.action + "?" + new URLSearchParams(new FormData(form));
	const answer = await fetch(url, { signal });

	if (!answer.ok || answer.redirected) {
		form.submit(); /* signed out meanwhile, or a fault: as without a script */
		return;
	}
	const page = new DOMParser().parseFromString(await answer.text(), "text/html");
	const found = page.getElementById(form.dataset.live);

	document.getElementById(form.dataset.live).replaceWith(found);
	document.getElementById("heard").textContent = found.querySelector(".status strong").textContent;
	history.replaceState(null, "", url);
}

for (const form of document.querySelectorAll("form[data-live]")) {
	let timer, last = new AbortController();

	form.addEventListener("input", () => {
		clearTimeout(timer);
		last.abort();
		last = new AbortController();
		const { signal } = last;
		timer = setTimeout(() => find(form, signal).catch(() => {}), 200);
	});
}
