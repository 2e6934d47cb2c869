--- What is known of a customer's country: the language that most there read, and its time zone.
-- A country with several languages of equal standing has none here, one with several zones no zone.
-- @module debitura.channels.countries

local codes = require("debitura.base.codes")

local countries = {}

--- By code: language, zone.
local COUNTRIES = {
  AT = { language = "de", time_zone = "Europe/Vienna" },
  BE = { time_zone = "Europe/Brussels" },
  BG = { time_zone = "Europe/Sofia" },
  BR = { language = "pt" },
  CH = { time_zone = "Europe/Zurich" },
  CY = { time_zone = "Asia/Nicosia" },
  CZ = { time_zone = "Europe/Prague" },
  DE = { language = "de", time_zone = "Europe/Berlin" },
  DK = { language = "da", time_zone = "Europe/Copenhagen" },
  EE = { time_zone = "Europe/Tallinn" },
  ES = { language = "es", time_zone = "Europe/Madrid" },
  FI = { language = "fi", time_zone = "Europe/Helsinki" },
  FR = { language = "fr", time_zone = "Europe/Paris" },
  GB = { language = "en", time_zone = "Europe/London" },
  GR = { time_zone = "Europe/Athens" },
  HR = { time_zone = "Europe/Zagreb" },
  HU = { time_zone = "Europe/Budapest" },
  IE = { language = "en", time_zone = "Europe/Dublin" },
  IS = { time_zone = "Atlantic/Reykjavik" },
  IT = { language = "it", time_zone = "Europe/Rome" },
  LI = { language = "de", time_zone = "Europe/Vaduz" },
  LT = { time_zone = "Europe/Vilnius" },
  LU = { time_zone = "Europe/Luxembourg" },
  LV = { time_zone = "Europe/Riga" },
  MC = { language = "fr", time_zone = "Europe/Monaco" },
  MT = { language = "en", time_zone = "Europe/Malta" },
  NL = { language = "nl", time_zone = "Europe/Amsterdam" },
  NO = { language = "nb", time_zone = "Europe/Oslo" },
  NZ = { language = "en", time_zone = "Pacific/Auckland" },
  PL = { language = "pl", time_zone = "Europe/Warsaw" },
  PT = { language = "pt", time_zone = "Europe/Lisbon" },
  RO = { time_zone = "Europe/Bucharest" },
  SE = { language = "sv", time_zone = "Europe/Stockholm" },
  SI = { time_zone = "Europe/Ljubljana" },
  SK = { time_zone = "Europe/Bratislava" },
  SM = { language = "it", time_zone = "Europe/San_Marino" },
  US = { language = "en" },
}

--- Finds a country.
-- @param text its code (ISO 3166-1, two letters) or its English name, in any case
-- @treturn table its `language` and `time_zone`, where there is one
function countries.find(text)
  return COUNTRIES[codes.find_country(text)] or {}
end

return countries
