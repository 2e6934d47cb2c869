--- What is known of a customer's country: the language that most there read, and its time zone.
-- A country with several languages of equal standing has none here, one with several zones no zone.
-- @module debitura.channels.countries

local codes = require("debitura.base.codes")

local countries = {}

--- Code, language, zone.
local WRITTEN = [[
  AT de Europe/Vienna
  BE - Europe/Brussels
  BG - Europe/Sofia
  BR pt
  CH - Europe/Zurich
  CY - Asia/Nicosia
  CZ - Europe/Prague
  DE de Europe/Berlin
  DK da Europe/Copenhagen
  EE - Europe/Tallinn
  ES es Europe/Madrid
  FI fi Europe/Helsinki
  FR fr Europe/Paris
  GB en Europe/London
  GR - Europe/Athens
  HR - Europe/Zagreb
  HU - Europe/Budapest
  IE en Europe/Dublin
  IS - Atlantic/Reykjavik
  IT it Europe/Rome
  LI de Europe/Vaduz
  LT - Europe/Vilnius
  LU - Europe/Luxembourg
  LV - Europe/Riga
  MC fr Europe/Monaco
  MT en Europe/Malta
  NL nl Europe/Amsterdam
  NO nb Europe/Oslo
  NZ en Pacific/Auckland
  PL pl Europe/Warsaw
  PT pt Europe/Lisbon
  RO - Europe/Bucharest
  SE sv Europe/Stockholm
  SI - Europe/Ljubljana
  SK - Europe/Bratislava
  SM it Europe/San_Marino
  US en
]]

local COUNTRIES = {}
for code, language, zone in WRITTEN:gmatch("(%u%u) (%S+) ?(%S*)\n") do
  COUNTRIES[code] = {
    language = language ~= "-" and language or nil, time_zone = zone ~= "" and zone or nil,
  }
end

--- Finds a country.
-- @param text its code (ISO 3166-1, two letters) or its English name, in any case
-- @treturn table its `language` and `time_zone`, where there is one
function countries.find(text)
  return COUNTRIES[codes.find_country(text)] or {}
end

return countries
