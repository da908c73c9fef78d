-- How etcd is asked, through its JSON gateway: keys and values are base64.

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

function spell(text)
  local written = {}
  for at = 1, #text, 3 do
    local first, second, third = text:byte(at, at + 2)
    local bits = first * 65536 + (second or 0) * 256 + (third or 0)
    for shift = 3, 0, -1 do
      local place = math.floor(bits / 64 ^ shift) % 64 + 1
      local is_padding = (shift == 0 and not third) or (shift == 1 and not second)
      table.insert(written, is_padding and "=" or ALPHABET:sub(place, place))
    end
  end
  return table.concat(written)
end

function spelled_length(bytes) return math.ceil(bytes / 3) * 4 end

local before_key, before_value, after_value, before_got, after_got

local function head(path, length)
  return "POST " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" ..
    "Content-Length: " .. length .. "\r\n\r\n"
end

function prepare(value_length)
  local key_length = 24
  local set_frame = #'{"key":"","value":""}'
  before_key = head("/v3/kv/put", set_frame + key_length + value_length) .. '{"key":"'
  before_value = '","value":"'
  after_value = '"}'
  after_got = is_stale and '","serializable":true}' or '"}'
  before_got = head("/v3/kv/range", #'{"key":"' + key_length + #after_got) .. '{"key":"'
end

function set(key, value) return before_key .. key .. before_value .. value .. after_value end
function get(key) return before_got .. key .. after_got end
