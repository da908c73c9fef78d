-- One wrk script for every load and every peer. After "--" it takes:
--   dialect   path of the Lua file that knows how the peer is asked: set(key, value), get(key)
--   prefix    the first 9 bytes of every key
--   sets      of 100 requests so many are sets, the others gets
--   value     length of a value in bytes, at least 12
--   keys      so many keys in all; 0 for no end of new ones
--   order     "random", "sequential", one after the other for ever, or "once": when all keys
--             have been set, only gets of the first follow, so that there are never more sets than keys
--   from      the sequence begins with this key
--   stale     "yes" for gets from the peer's own copy
-- Requests are put together from strings that were made before, so that the load generator takes
-- little of the machine that it shares with the peers. It is meant for one thread (`wrk -t1`).

-- A key is the prefix and nine digits: three groups of three, for three bytes are a whole unit of
-- base64, which etcd's gateway wants. A dialect says in `spell` how bytes are written.
local worker

function setup(thread) worker = thread end

local sets, keys, is_random, is_once, group, prefix, filler, ending

-- Not zeros, so that no one's compression is flattered.
local function noise(length)
  local letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
  local taken = {}
  for at = 1, length do
    local place = math.random(#letters)
    taken[at] = letters:sub(place, place)
  end
  return table.concat(taken)
end

function init(args)
  local options = {}
  for _, argument in ipairs(args) do
    local name, value = argument:match("^(%w+)=(.*)$")
    if name then options[name] = value end
  end
  math.randomseed(os.time())
  dofile(options.dialect)
  is_stale = options.stale == "yes"
  sets = tonumber(options.sets)
  keys = tonumber(options.keys)
  is_random = options.order == "random"
  is_once = options.order == "once"
  -- Global, so that `done`, which has a state of its own, can ask the thread for it. wrk looks at a
  -- first request that it never sends.
  next_key = tonumber(options.from) - 1
  prefix = spell(options.prefix)
  group = {}
  for number = 0, 999 do group[number] = spell(string.format("%03d", number)) end
  local length = tonumber(options.value) - 9
  local rest = length % 3
  filler = spell(noise(length - rest))
  ending = spell(noise(rest))
  prepare(spelled_length(length - rest) + spelled_length(9) + spelled_length(rest))
end

local floor, random = math.floor, math.random

local function digits_of(number)
  return group[floor(number / 1000000) % 1000]
    .. group[floor(number / 1000) % 1000] .. group[number % 1000]
end

function request()
  local number
  if is_random then
    number = random(0, keys - 1)
  else
    number = next_key
    next_key = number + 1
    if is_once and number >= keys then return get(prefix .. digits_of(0)) end
  end
  local digits = digits_of(number)
  if sets == 100 or random(100) <= sets then
    return set(prefix .. digits, filler .. digits .. ending)
  end
  return get(prefix .. digits)
end

function done(summary, latency)
  local errors = summary.errors
  -- Times are in microseconds.
  io.write(string.format(
    '\nresult {"seconds":%.6f,"requests":%d,"refused":%d,"broken":%d,' ..
      '"p50Ms":%.3f,"p99Ms":%.3f,"p999Ms":%.3f,"nextKey":%d}\n',
    summary.duration / 1e6, summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3,
    worker:get("next_key")
  ))
end
