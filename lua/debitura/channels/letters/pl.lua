--- Letters and pages in Polish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.pl

return {
  date = "{day} {month} {year} r., godz. {time} ({zone})",
  months = {
    "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września",
    "października", "listopada", "grudnia",
  },
  greeting = "Dzień dobry!",
  greeting_by_name = "Dzień dobry, {name}!",
  reminder_subject = "Przypomnienie: {subject}",
  reminder = "Pisaliśmy już do Państwa w tej sprawie. Strona jest nadal dostępna.",
  deadline = [[
    Link jest aktywny do {deadline}. Po tym terminie platforma {platform} może wysłać Państwu
    nowy.]],
  unexpected = [[
    Bez Państwa działania nic się nie wydarzy. Jeśli nie spodziewali się Państwo tej wiadomości,
    mogą ją Państwo zignorować.]],
  personal = [[
    Link jest przeznaczony wyłącznie dla adresata tej wiadomości. Prosimy nie przekazywać go innym
    osobom.]],
  support = "Mają Państwo pytania? Prosimy pisać na adres {support}.",
  copy_address = "Jeśli przycisk nie działa, prosimy skopiować ten adres do przeglądarki:",
  sign_off = "Z poważaniem",
  letters = {
    approval = [[
      Platforma {platform} prosi o połączenie z Państwa kontem Debitura

      Platforma {platform} może przekazywać do sieci windykacyjnej Debitura faktury niezapłacone
      przez Państwa kontrahentów. Państwa firma ma już konto Debitura, dlatego potrzebujemy Państwa
      zgody na połączenie go z platformą {platform}.

      Następna strona należy do sieci Debitura. Pokazuje, o co prosi platforma {platform}. Mogą tam
      Państwo wyrazić zgodę lub odmówić.

      Wyświetl prośbę]],
    choice = [[
      Platforma {platform} prosi o połączenie z Państwa kontem Debitura

      Platforma {platform} może przekazywać do sieci windykacyjnej Debitura faktury niezapłacone
      przez Państwa kontrahentów. Mają już Państwo dane logowania do systemu Debitura, dlatego
      musimy wiedzieć, którą firmę połączyć z platformą.

      Następna strona należy do sieci Debitura. Mogą tam Państwo wybrać firmę lub dodać nową.

      Wybierz firmę]],
    onboarding = [[
      Prosimy o dokończenie rejestracji w usłudze windykacji należności

      Platforma {platform} współpracuje z siecią windykacyjną Debitura, która może dochodzić
      należności z faktur niezapłaconych przez Państwa kontrahentów.

      Następna strona należy do sieci Debitura. Mogą tam Państwo sprawdzić dane swojej firmy i
      podpisać umowę o windykację należności.

      Dokończ rejestrację]],
    signing = [[
      Potrzebny jest Państwa podpis w sprawach windykacyjnych

      Poprosili Państwo platformę {platform} o przekazanie niezapłaconych faktur do sieci Debitura.
      Aby kontynuować, Debitura potrzebuje Państwa podpisu, na przykład na umowie o windykację
      należności lub na pełnomocnictwie.

      Następna strona należy do sieci Debitura. Dokumenty są tam wyświetlane jeden po drugim. Każdy
      z nich można przeczytać przed podpisaniem.

      Przeczytaj i podpisz]],
    kyc = [[
      W Państwa sprawach potrzebna jest weryfikacja tożsamości

      Poprosili Państwo platformę {platform} o przekazanie niezapłaconych faktur do sieci Debitura.
      Zanim będzie można dochodzić należności, partner windykacyjny musi zweryfikować tożsamość
      członka zarządu Państwa firmy.

      Następna strona należy do sieci Debitura. Wypełnienie formularza zajmuje kilka minut.

      Otwórz formularz]],
  },
  pages = {
    link = [[
      Połączenie z siecią Debitura

      Platforma {platform} współpracuje z siecią Debitura przy windykacji niezapłaconych faktur. Na
      następnej stronie Debitura poprosi Państwa o potwierdzenie połączenia lub uzupełnienie danych
      konta. Nic się nie wydarzy, dopóki nie podejmą tam Państwo decyzji.

      Przejdź na stronę Debitura]],
    signing = [[
      Dokumenty do podpisania

      Debitura potrzebuje Państwa podpisu, aby dalej prowadzić sprawy. Na następnej stronie
      dokumenty są wyświetlane jeden po drugim. Potem wrócą Państwo na platformę {platform}.

      Przejdź do dokumentów]],
    kyc = [[
      Weryfikacja tożsamości

      Aby można było dalej prowadzić sprawy, partner windykacyjny musi wiedzieć, kto kieruje Państwa
      firmą. Wypełnienie formularza na następnej stronie zajmuje kilka minut.

      Przejdź do formularza]],
    done = [[
      Wszystko gotowe

      Nie muszą Państwo robić tu nic więcej. Platforma {platform} będzie Państwa na bieżąco
      informować.]],
    later = [[
      Prosimy o chwilę cierpliwości

      Strona jest przygotowywana. Prosimy spróbować ponownie za minutę.

      Spróbuj ponownie]],
    gone = [[
      Ten link jest już nieaktualny

      Link może być niekompletny albo został zastąpiony nowszym. Prosimy skorzystać z ostatniej
      otrzymanej wiadomości lub skontaktować się z platformą {platform}.]],
  },
}
