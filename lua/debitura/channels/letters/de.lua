--- Letters and pages in German. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.de

return {
  date = "{day}. {month} {year}, {time} Uhr ({zone})",
  months = {
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
  },
  greeting = "Guten Tag,",
  greeting_by_name = "Guten Tag {name},",
  reminder_subject = "Erinnerung: {subject}",
  reminder = [[
    Sie haben dazu bereits eine Nachricht von uns erhalten. Die Seite steht Ihnen weiterhin zur
    Verfügung.]],
  deadline = [[
    Der Link ist gültig bis zum {deadline}. Danach kann {platform} Ihnen einen neuen senden.]],
  unexpected = [[
    Ohne Ihr Zutun geschieht nichts. Wenn Sie diese Nachricht nicht erwartet haben, können Sie sie
    einfach ignorieren.]],
  personal = "Der Link ist nur für Sie bestimmt. Bitte leiten Sie ihn nicht weiter.",
  support = "Haben Sie Fragen? Schreiben Sie gern an {support}.",
  copy_address = [[
    Wenn die Schaltfläche nicht funktioniert, kopieren Sie bitte diese Adresse in Ihren Browser:]],
  sign_off = "Mit freundlichen Grüßen",
  letters = {
    approval = [[
      {platform} bittet um Verknüpfung mit Ihrem Debitura-Konto

      {platform} kann unbezahlte Rechnungen Ihrer Kunden an das Inkassonetzwerk Debitura
      übermitteln. Ihr Unternehmen hat dort bereits ein Konto. Deshalb benötigen wir Ihre
      Zustimmung, um es mit {platform} zu verknüpfen.

      Die nächste Seite gehört zu Debitura. Dort sehen Sie, worum {platform} bittet, und können
      zustimmen oder ablehnen.

      Anfrage ansehen]],
    choice = [[
      {platform} bittet um Verknüpfung mit Ihrem Debitura-Konto

      {platform} kann unbezahlte Rechnungen Ihrer Kunden an das Inkassonetzwerk Debitura
      übermitteln. Sie haben dort bereits einen Zugang. Deshalb müssen wir wissen, welches
      Unternehmen verknüpft werden soll.

      Die nächste Seite gehört zu Debitura. Dort wählen Sie das Unternehmen aus oder fügen ein neues
      hinzu.

      Unternehmen auswählen]],
    onboarding = [[
      Schließen Sie Ihre Registrierung für das Inkasso ab

      {platform} arbeitet mit Debitura zusammen, einem Inkassonetzwerk, das Ihre offenen Forderungen
      einziehen kann.

      Die nächste Seite gehört zu Debitura. Dort prüfen Sie die Angaben zu Ihrem Unternehmen und
      unterschreiben den Inkassovertrag.

      Registrierung abschließen]],
    signing = [[
      Für Ihre Inkassofälle wird Ihre Unterschrift benötigt

      Sie haben {platform} gebeten, unbezahlte Rechnungen Ihrer Kunden an Debitura zu übermitteln.
      Damit es weitergehen kann, benötigt Debitura Ihre Unterschrift, zum Beispiel unter dem
      Inkassovertrag oder einer Vollmacht.

      Die nächste Seite gehört zu Debitura. Dort werden die Dokumente nacheinander angezeigt. Sie
      können jedes Dokument lesen, bevor Sie es unterschreiben.

      Lesen und unterschreiben]],
    kyc = [[
      Für Ihre Inkassofälle ist eine Identitätsprüfung nötig

      Sie haben {platform} gebeten, unbezahlte Rechnungen Ihrer Kunden an Debitura zu übermitteln.
      Bevor die Forderungen eingezogen werden können, muss der Inkassopartner die Identität eines
      Mitglieds Ihrer Geschäftsführung prüfen.

      Die nächste Seite gehört zu Debitura. Das Formular ist in wenigen Minuten ausgefüllt.

      Formular öffnen]],
  },
  pages = {
    link = [[
      Mit Debitura verknüpfen

      {platform} arbeitet beim Inkasso unbezahlter Kundenrechnungen mit Debitura zusammen. Auf der
      nächsten Seite bittet Debitura Sie, die Verknüpfung zu bestätigen oder Ihr Konto zu
      vervollständigen. Solange Sie sich dort nicht entscheiden, geschieht nichts.

      Weiter zu Debitura]],
    signing = [[
      Dokumente zur Unterschrift

      Debitura benötigt Ihre Unterschrift, bevor Ihre Fälle weiterbearbeitet werden können. Auf der
      nächsten Seite werden die Dokumente nacheinander angezeigt. Danach kehren Sie zu {platform}
      zurück.

      Weiter zu den Dokumenten]],
    kyc = [[
      Identitätsprüfung

      Der Inkassopartner muss wissen, wer Ihr Unternehmen leitet, bevor Ihre Fälle weiterbearbeitet
      werden können. Das Formular auf der nächsten Seite ist in wenigen Minuten ausgefüllt.

      Weiter zum Formular]],
    done = [[
      Alles erledigt

      Sie müssen hier nichts weiter tun. {platform} hält Sie auf dem Laufenden.]],
    later = [[
      Einen Moment, bitte

      Die Seite wird gerade vorbereitet. Bitte versuchen Sie es in einer Minute erneut.

      Erneut versuchen]],
    gone = [[
      Dieser Link ist nicht mehr gültig

      Möglicherweise ist er unvollständig oder es gibt inzwischen einen neueren. Bitte nutzen Sie
      die letzte Nachricht, die Sie erhalten haben, oder wenden Sie sich an {platform}.]],
  },
}
