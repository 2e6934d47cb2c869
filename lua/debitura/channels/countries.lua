--- What is known of a customer's country: the language that most there read, and its time zone.
-- A country with several languages of equal standing has none here, one with several zones no zone.
-- @module debitura.channels.countries

local countries = {}

--- Code, language, zone, and the names that payloads use.
local ROWS = {
  { "AT", "de", "Europe/Vienna", "Austria" },
  { "AU", nil, nil, "Australia" },
  { "BE", nil, "Europe/Brussels", "Belgium" },
  { "BG", nil, "Europe/Sofia", "Bulgaria" },
  { "BR", "pt", nil, "Brazil" },
  { "CA", nil, nil, "Canada" },
  { "CH", nil, "Europe/Zurich", "Switzerland" },
  { "CY", nil, "Asia/Nicosia", "Cyprus" },
  { "CZ", nil, "Europe/Prague", "Czech Republic", "Czechia" },
  { "DE", "de", "Europe/Berlin", "Germany" },
  { "DK", "da", "Europe/Copenhagen", "Denmark" },
  { "EE", nil, "Europe/Tallinn", "Estonia" },
  { "ES", "es", "Europe/Madrid", "Spain" },
  { "FI", "fi", "Europe/Helsinki", "Finland" },
  { "FR", "fr", "Europe/Paris", "France" },
  { "GB", "en", "Europe/London", "United Kingdom", "Great Britain", "England", "UK" },
  { "GR", nil, "Europe/Athens", "Greece" },
  { "HR", nil, "Europe/Zagreb", "Croatia" },
  { "HU", nil, "Europe/Budapest", "Hungary" },
  { "IE", "en", "Europe/Dublin", "Ireland" },
  { "IS", nil, "Atlantic/Reykjavik", "Iceland" },
  { "IT", "it", "Europe/Rome", "Italy" },
  { "LI", "de", "Europe/Vaduz", "Liechtenstein" },
  { "LT", nil, "Europe/Vilnius", "Lithuania" },
  { "LU", nil, "Europe/Luxembourg", "Luxembourg" },
  { "LV", nil, "Europe/Riga", "Latvia" },
  { "MC", "fr", "Europe/Monaco", "Monaco" },
  { "MT", "en", "Europe/Malta", "Malta" },
  { "NL", "nl", "Europe/Amsterdam", "Netherlands", "The Netherlands" },
  { "NO", "nb", "Europe/Oslo", "Norway" },
  { "NZ", "en", "Pacific/Auckland", "New Zealand" },
  { "PL", "pl", "Europe/Warsaw", "Poland" },
  { "PT", "pt", "Europe/Lisbon", "Portugal" },
  { "RO", nil, "Europe/Bucharest", "Romania" },
  { "SE", "sv", "Europe/Stockholm", "Sweden" },
  { "SI", nil, "Europe/Ljubljana", "Slovenia" },
  { "SK", nil, "Europe/Bratislava", "Slovakia" },
  { "SM", "it", "Europe/San_Marino", "San Marino" },
  { "US", "en", nil, "United States", "United States of America", "USA" },
}

local by_name = {}
for _, row in ipairs(ROWS) do
  local country = { code = row[1], language = row[2], time_zone = row[3] }
  by_name[row[1]:lower()] = country
  for index = 4, #row do by_name[row[index]:lower()] = country end
end

--- Finds a country.
-- @param text its code (ISO 3166-1, two letters) or its English name, in any case
-- @treturn ?table `code`, and where there is one `language` and `time_zone`; nil for an unknown one
function countries.find(text)
  if type(text) ~= "string" then return nil end
  return by_name[text:match("^%s*(.-)%s*$"):lower()]
end

return countries
