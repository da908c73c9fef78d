-- How Balsa is asked: `POST /set` and `GET /get/{key}`, the JSON routes.

function spell(text) return text end
function spelled_length(bytes) return bytes end

local before_key, before_value, after_value, before_got, after_got

function prepare(value_length)
  local frame = #'{"key":"","value":""}'
  local key_length = 18
  local length = frame + key_length + value_length
  before_key = "POST /set HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" ..
    "Content-Length: " .. length .. '\r\n\r\n{"key":"'
  before_value = '","value":"'
  after_value = '"}'
  before_got = "GET /get/"
  after_got = (is_stale and "?consistency=stale" or "") .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
end

function set(key, value) return before_key .. key .. before_value .. value .. after_value end
function get(key) return before_got .. key .. after_got end
