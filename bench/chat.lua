-- Asks for an answer in each request. With CONVERSATIONS, a file of ids, each request goes on with the next of them.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local start = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"bench 8 0"}]'
wrk.body = start .. "}"

local file = os.getenv("CONVERSATIONS")
if file and file ~= "" then
  local bodies, next = {}, 0
  for id in io.lines(file) do bodies[#bodies + 1] = start .. ',"conversation_id":"' .. id .. '"}' end
  request = function()
    next = next % #bodies + 1
    return wrk.format(nil, nil, nil, bodies[next])
  end
end
