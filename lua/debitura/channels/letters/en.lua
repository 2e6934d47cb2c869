--- Letters and pages in English. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.en

return {
  date = "{day} {month} {year}, {time} ({zone})",
  months = {
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  },
  greeting = "Hello,",
  greeting_by_name = "Hello {name},",
  reminder_subject = "Reminder: {subject}",
  reminder = "We wrote to you about this before. The page is still open for you.",
  deadline = [[
    You can use the link until {deadline}. After that, {platform} can send you a new one.]],
  unexpected = [[
    Nothing happens unless you act. If you did not expect this message, you can ignore it.]],
  personal = "The link is meant for you only. Please do not forward it.",
  support = "Questions? Write to {support}.",
  copy_address = "If the button does not work, copy this address into your browser:",
  sign_off = "Kind regards,",
  letters = {
    approval = [[
      {platform} asks to connect with your Debitura account

      {platform} can hand over invoices that your customers have not paid to Debitura, a debt
      collection network. Your company already has a Debitura account, so we need your permission to
      connect it with {platform}.

      The next page belongs to Debitura. It shows what {platform} asks for. You can approve or
      decline there.

      View the request]],
    choice = [[
      {platform} asks to connect with your Debitura account

      {platform} can hand over invoices that your customers have not paid to Debitura, a debt
      collection network. You already have a Debitura login, so we need to know which company to
      connect.

      The next page belongs to Debitura. You choose the company there, or add a new one.

      Choose the company]],
    onboarding = [[
      Finish your registration for debt collection

      {platform} works with Debitura, a debt collection network that can collect invoices your
      customers have not paid.

      The next page belongs to Debitura. You check your company's details there and sign the debt
      collection agreement.

      Finish the registration]],
    signing = [[
      Your signature is needed for your cases

      You asked {platform} to hand over unpaid customer invoices to Debitura. Debitura needs your
      signature before it can continue, for example on the debt collection agreement or a power of
      attorney.

      The next page belongs to Debitura. It shows the documents one after another. You can read each
      one before you sign.

      Read and sign]],
    kyc = [[
      Identity check needed for your cases

      You asked {platform} to hand over unpaid customer invoices to Debitura. Before they can be
      collected, the collection partner must verify the identity of a director of your company.

      The next page belongs to Debitura. The form takes a few minutes.

      Open the form]],
  },
  pages = {
    link = [[
      Connect with Debitura

      {platform} works with Debitura to collect invoices that your customers have not paid. On the
      next page, Debitura asks you to confirm the connection or to complete your account. Nothing
      happens before you decide there.

      Continue to Debitura]],
    signing = [[
      Documents to sign

      Debitura needs your signature before your cases can continue. The next page shows the
      documents one after another. Afterwards you return to {platform}.

      Continue to the documents]],
    kyc = [[
      Identity check

      The collection partner must know who directs your company before your cases can continue. The
      form on the next page takes a few minutes.

      Continue to the form]],
    done = [[
      All done

      There is nothing left for you to do here. {platform} will keep you informed.]],
    later = [[
      One moment, please

      The page is being prepared. Please try again in a minute.

      Try again]],
    gone = [[
      This link is no longer in use

      It may be incomplete, or a newer link has replaced it. Please use the latest message you
      received, or contact {platform}.]],
  },
}
