-- wrk: Regenerate CSR over the API; the token and body come by environment
wrk.method = "POST"
wrk.path = "/api/v1/identities/bench/requests"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("CERTWRIGHT_BENCH_TOKEN")
wrk.body = '{"country":"US","state":"New Jersey","locality":"Hackensack",' ..
  '"organization":"Example Video, Inc.","unit":"Conferencing",' ..
  '"common_name":"portal.example.com","email":"pki@example.com",' ..
  '"names":["portal.example.com","www.portal.example.com"]}'

local bad = 0
function response(status)
  if status ~= 201 and status ~= 200 then
    bad = bad + 1
    if bad == 1 then io.stderr:write("first refusal: " .. status .. "\n") end
  end
end
