/*
 * The portal's one script: a Copy button that says the truth, and Print.
 * Everything works without it: its buttons are hidden until it has run.
 *
 * <button type="button" class="second" data-copy="id-of-the-text" hidden>Copy</button>
 * <button type="button" class="link" data-print hidden>Print</button>
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
