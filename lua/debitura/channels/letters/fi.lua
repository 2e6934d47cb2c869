--- Letters and pages in Finnish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.fi

return {
  date = "{day}. {month} {year} klo {time} ({zone})",
  months = {
    "tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta",
    "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta",
  },
  greeting = "Hei,",
  greeting_by_name = "Hei {name},",
  reminder_subject = "Muistutus: {subject}",
  reminder = [[
    Olemme kirjoittaneet teille tästä asiasta aiemmin. Sivu on edelleen käytettävissänne.]],
  deadline = [[
    Linkin voimassaolo päättyy {deadline}. Sen jälkeen {platform} voi lähettää teille uuden
    linkin.]],
  unexpected = [[
    Mitään ei tapahdu, ellette itse ryhdy toimiin. Jos ette odottaneet tätä viestiä, voitte jättää
    sen huomiotta.]],
  personal = [[
    Linkki on tarkoitettu vain tämän viestin vastaanottajalle. Pyydämme, ettette välitä sitä
    muille.]],
  support = "Onko teillä kysyttävää? Kirjoittakaa osoitteeseen {support}.",
  copy_address = "Jos painike ei toimi, kopioikaa tämä osoite selaimeen:",
  sign_off = "Ystävällisin terveisin",
  letters = {
    approval = [[
      {platform} pyytää lupaa luoda yhteys Debitura-tiliinne

      {platform} voi lähettää maksamattomat myyntilaskunne Debituralle, joka on perintäalan
      verkosto. Yrityksellänne on jo Debitura-tili, joten tarvitsemme lupanne, ennen kuin {platform}
      voidaan yhdistää siihen.

      Seuraava sivu on Debituran palvelussa. Siellä näette, mitä {platform} pyytää, ja voitte
      hyväksyä tai hylätä pyynnön.

      Näytä pyyntö]],
    choice = [[
      {platform} pyytää lupaa luoda yhteys Debitura-tiliinne

      {platform} voi lähettää maksamattomat myyntilaskunne Debituralle, joka on perintäalan
      verkosto. Teillä on jo Debitura-käyttäjätunnus, joten tarvitsemme tiedon siitä, mikä yritys
      yhdistetään.

      Seuraava sivu on Debituran palvelussa. Voitte valita siellä yrityksen tai lisätä uuden.

      Valitse yritys]],
    onboarding = [[
      Viimeistelkää rekisteröityminen perintäpalveluun

      {platform} tekee yhteistyötä Debituran kanssa. Debitura on perintäalan verkosto, joka voi
      periä maksamattomat myyntilaskunne.

      Seuraava sivu on Debituran palvelussa. Siellä tarkistatte yrityksenne tiedot ja
      allekirjoitatte perintäsopimuksen.

      Viimeistele rekisteröityminen]],
    signing = [[
      Perintätoimeksiantoihinne tarvitaan allekirjoitus

      Olette pyytäneet, että {platform} lähettää maksamattomia laskuja Debituralle. Debitura
      tarvitsee allekirjoituksenne, ennen kuin se voi jatkaa. Allekirjoitettavana voi olla
      esimerkiksi perintäsopimus tai valtakirja.

      Seuraava sivu on Debituran palvelussa. Siellä asiakirjat näytetään yksi kerrallaan, ja voitte
      lukea jokaisen ennen allekirjoittamista.

      Lue ja allekirjoita]],
    kyc = [[
      Perintätoimeksiantoihinne tarvitaan henkilöllisyyden tarkistus

      Olette pyytäneet, että {platform} lähettää maksamattomia laskuja Debituralle. Ennen kuin
      laskut voidaan periä, perintäkumppanin on tarkistettava yrityksenne johtoon kuuluvan henkilön
      henkilöllisyys.

      Seuraava sivu on Debituran palvelussa. Lomakkeen täyttäminen kestää muutaman minuutin.

      Avaa lomake]],
  },
  pages = {
    link = [[
      Yhteys Debituraan

      {platform} tekee Debituran kanssa yhteistyötä maksamattomien laskujen perinnässä. Seuraavalla
      sivulla Debitura pyytää teitä vahvistamaan yhteyden tai täydentämään tilinne tiedot. Mitään ei
      tapahdu, ennen kuin olette tehneet siellä valintanne.

      Jatka Debituran sivulle]],
    signing = [[
      Allekirjoitettavat asiakirjat

      Debitura tarvitsee allekirjoituksenne, ennen kuin toimeksiantonne voivat edetä. Seuraavalla
      sivulla asiakirjat näytetään yksi kerrallaan. Lopuksi {platform} avautuu uudelleen.

      Jatka asiakirjoihin]],
    kyc = [[
      Henkilöllisyyden tarkistus

      Perintäkumppanin on tiedettävä, kuka johtaa yritystänne, ennen kuin toimeksiantonne voivat
      edetä. Seuraavalla sivulla olevan lomakkeen täyttäminen kestää muutaman minuutin.

      Jatka lomakkeeseen]],
    done = [[
      Kaikki on valmista

      Teidän ei tarvitse tehdä täällä enää mitään. {platform} pitää teidät ajan tasalla.]],
    later = [[
      Odottakaa hetki

      Sivua valmistellaan. Yrittäkää uudelleen minuutin kuluttua.

      Yritä uudelleen]],
    gone = [[
      Tämä linkki ei ole enää käytössä

      Linkistä saattaa puuttua osa, tai se on voitu korvata uudemmalla. Käyttäkää viimeisintä
      saamaanne viestiä. Jos ette löydä sitä, ottakaa yhteyttä, niin {platform} auttaa teitä.]],
  },
}
