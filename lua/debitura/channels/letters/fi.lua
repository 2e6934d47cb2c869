--- Letters and pages in Finnish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.fi

return {
  language = "fi",
  direction = "ltr",
  date = "{day}. {month} {year} klo {time} ({zone})",
  months = {
    "tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta",
    "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta",
  },
  greeting = "Hei,",
  greeting_by_name = "Hei {name},",
  reminder_subject = "Muistutus: {subject}",
  reminder = "Olemme kirjoittaneet teille tästä asiasta aiemmin. Sivu on edelleen "
    .. "käytettävissänne.",
  deadline = "Linkin voimassaolo päättyy {deadline}. Sen jälkeen {platform} voi lähettää "
    .. "teille uuden linkin.",
  unexpected = "Mitään ei tapahdu, ellette itse ryhdy toimiin. Jos ette odottaneet tätä "
    .. "viestiä, voitte jättää sen huomiotta.",
  personal = "Linkki on tarkoitettu vain tämän viestin vastaanottajalle. Pyydämme, ettette "
    .. "välitä sitä muille.",
  support = "Onko teillä kysyttävää? Kirjoittakaa osoitteeseen {support}.",
  copy_address = "Jos painike ei toimi, kopioikaa tämä osoite selaimeen:",
  sign_off = "Ystävällisin terveisin",
  letters = {
    approval = {
      subject = "{platform} pyytää lupaa luoda yhteys Debitura-tiliinne",
      body = {
        "{platform} voi lähettää maksamattomat myyntilaskunne Debituralle, joka on "
          .. "perintäalan verkosto. Yrityksellänne on jo Debitura-tili, joten tarvitsemme "
          .. "lupanne, ennen kuin {platform} voidaan yhdistää siihen.",
        "Seuraava sivu on Debituran palvelussa. Siellä näette, mitä {platform} pyytää, ja "
          .. "voitte hyväksyä tai hylätä pyynnön.",
      },
      button = "Näytä pyyntö",
    },
    choice = {
      subject = "{platform} pyytää lupaa luoda yhteys Debitura-tiliinne",
      body = {
        "{platform} voi lähettää maksamattomat myyntilaskunne Debituralle, joka on "
          .. "perintäalan verkosto. Teillä on jo Debitura-käyttäjätunnus, joten tarvitsemme "
          .. "tiedon siitä, mikä yritys yhdistetään.",
        "Seuraava sivu on Debituran palvelussa. Voitte valita siellä yrityksen tai lisätä "
          .. "uuden.",
      },
      button = "Valitse yritys",
    },
    onboarding = {
      subject = "Viimeistelkää rekisteröityminen perintäpalveluun",
      body = {
        "{platform} tekee yhteistyötä Debituran kanssa. Debitura on perintäalan verkosto, joka "
          .. "voi periä maksamattomat myyntilaskunne.",
        "Seuraava sivu on Debituran palvelussa. Siellä tarkistatte yrityksenne tiedot ja "
          .. "allekirjoitatte perintäsopimuksen.",
      },
      button = "Viimeistele rekisteröityminen",
    },
    signing = {
      subject = "Perintätoimeksiantoihinne tarvitaan allekirjoitus",
      body = {
        "Olette pyytäneet, että {platform} lähettää maksamattomia laskuja Debituralle. "
          .. "Debitura tarvitsee allekirjoituksenne, ennen kuin se voi jatkaa. "
          .. "Allekirjoitettavana voi olla esimerkiksi perintäsopimus tai valtakirja.",
        "Seuraava sivu on Debituran palvelussa. Siellä asiakirjat näytetään yksi kerrallaan, "
          .. "ja voitte lukea jokaisen ennen allekirjoittamista.",
      },
      button = "Lue ja allekirjoita",
    },
    kyc = {
      subject = "Perintätoimeksiantoihinne tarvitaan henkilöllisyyden tarkistus",
      body = {
        "Olette pyytäneet, että {platform} lähettää maksamattomia laskuja Debituralle. Ennen "
          .. "kuin laskut voidaan periä, perintäkumppanin on tarkistettava yrityksenne johtoon "
          .. "kuuluvan henkilön henkilöllisyys.",
        "Seuraava sivu on Debituran palvelussa. Lomakkeen täyttäminen kestää muutaman "
          .. "minuutin.",
      },
      button = "Avaa lomake",
    },
  },
  pages = {
    link = {
      title = "Yhteys Debituraan",
      text = "{platform} tekee Debituran kanssa yhteistyötä maksamattomien laskujen "
        .. "perinnässä. Seuraavalla sivulla Debitura pyytää teitä vahvistamaan yhteyden tai "
        .. "täydentämään tilinne tiedot. Mitään ei tapahdu, ennen kuin olette tehneet "
        .. "siellä valintanne.",
      button = "Jatka Debituran sivulle",
    },
    signing = {
      title = "Allekirjoitettavat asiakirjat",
      text = "Debitura tarvitsee allekirjoituksenne, ennen kuin toimeksiantonne voivat edetä. "
        .. "Seuraavalla sivulla asiakirjat näytetään yksi kerrallaan. Lopuksi {platform} "
        .. "avautuu uudelleen.",
      button = "Jatka asiakirjoihin",
    },
    kyc = {
      title = "Henkilöllisyyden tarkistus",
      text = "Perintäkumppanin on tiedettävä, kuka johtaa yritystänne, ennen kuin "
        .. "toimeksiantonne voivat edetä. Seuraavalla sivulla olevan lomakkeen täyttäminen "
        .. "kestää muutaman minuutin.",
      button = "Jatka lomakkeeseen",
    },
    done = {
      title = "Kaikki on valmista",
      text = "Teidän ei tarvitse tehdä täällä enää mitään. {platform} pitää teidät "
        .. "ajan tasalla.",
    },
    later = {
      title = "Odottakaa hetki",
      text = "Sivua valmistellaan. Yrittäkää uudelleen minuutin kuluttua.",
      button = "Yritä uudelleen",
    },
    gone = {
      title = "Tämä linkki ei ole enää käytössä",
      text = "Linkistä saattaa puuttua osa, tai se on voitu korvata uudemmalla. Käyttäkää "
        .. "viimeisintä saamaanne viestiä. Jos ette löydä sitä, ottakaa yhteyttä, niin "
        .. "{platform} auttaa teitä.",
    },
  },
}
