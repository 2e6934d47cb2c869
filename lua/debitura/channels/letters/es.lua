--- Letters and pages in Spanish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.es

return {
  date = "{day} de {month} de {year} a las {time} ({zone})",
  months = {
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre",
  },
  greeting = "Hola:",
  greeting_by_name = "Hola, {name}:",
  reminder_subject = "Recordatorio: {subject}",
  reminder = "Ya le hemos escrito sobre este asunto. La página sigue disponible para usted.",
  deadline = [[
    Puede utilizar el enlace hasta el {deadline}. Después, {platform} podrá enviarle uno nuevo.]],
  unexpected = [[
    No ocurrirá nada sin su intervención. Si no esperaba este mensaje, puede ignorarlo.]],
  personal = "El enlace es solo para usted. Por favor, no lo reenvíe.",
  support = "¿Tiene alguna pregunta? Escriba a {support}.",
  copy_address = "Si el botón no funciona, copie esta dirección en su navegador:",
  sign_off = "Un cordial saludo,",
  letters = {
    approval = [[
      {platform} solicita vincularse a su cuenta de Debitura

      {platform} puede enviar las facturas impagadas de sus clientes a Debitura, una red de gestión
      de cobro. Su empresa ya tiene una cuenta de Debitura, por lo que necesitamos su permiso para
      vincularla a {platform}.

      La página siguiente es de Debitura. En ella verá lo que solicita {platform} y podrá aprobarlo
      o rechazarlo.

      Ver la solicitud]],
    choice = [[
      {platform} solicita vincularse a su cuenta de Debitura

      {platform} puede enviar las facturas impagadas de sus clientes a Debitura, una red de gestión
      de cobro. Usted ya tiene acceso a Debitura, por lo que necesitamos saber qué empresa desea
      vincular.

      La página siguiente es de Debitura. En ella podrá elegir la empresa o añadir una nueva.

      Elegir la empresa]],
    onboarding = [[
      Complete su registro para la gestión de cobro

      {platform} colabora con Debitura, una red de gestión de cobro que puede encargarse de las
      facturas impagadas de sus clientes.

      La página siguiente es de Debitura. En ella podrá revisar los datos de su empresa y firmar el
      contrato de gestión de cobro.

      Completar el registro]],
    signing = [[
      Se necesita su firma para sus expedientes de cobro

      Usted ha pedido a {platform} que envíe facturas impagadas de sus clientes a Debitura. Para
      continuar, Debitura necesita su firma, por ejemplo, en el contrato de gestión de cobro o en un
      poder de representación.

      La página siguiente es de Debitura. En ella verá los documentos uno tras otro. Podrá leer cada
      documento antes de firmarlo.

      Leer y firmar]],
    kyc = [[
      Sus expedientes de cobro requieren una verificación de identidad

      Usted ha pedido a {platform} que envíe facturas impagadas de sus clientes a Debitura. Antes de
      iniciar el cobro, la entidad colaboradora que lo gestiona debe verificar la identidad de un
      administrador de su empresa.

      La página siguiente es de Debitura. Rellenar el formulario lleva unos minutos.

      Abrir el formulario]],
  },
  pages = {
    link = [[
      Vinculación con Debitura

      {platform} colabora con Debitura para cobrar las facturas impagadas de sus clientes. En la
      página siguiente, Debitura le pedirá que confirme la vinculación o que complete su cuenta. No
      ocurrirá nada hasta que usted tome una decisión en esa página.

      Ir a Debitura]],
    signing = [[
      Documentos para firmar

      Debitura necesita su firma para poder continuar con los expedientes de su empresa. La página
      siguiente muestra los documentos uno tras otro. Después, volverá a {platform}.

      Ir a los documentos]],
    kyc = [[
      Verificación de identidad

      La entidad colaboradora encargada del cobro necesita saber quién dirige su empresa para poder
      continuar con los expedientes. Rellenar el formulario de la página siguiente lleva unos
      minutos.

      Ir al formulario]],
    done = [[
      Todo listo

      No tiene que hacer nada más aquí. {platform} le mantendrá al corriente.]],
    later = [[
      Un momento, por favor

      La página se está preparando. Vuelva a intentarlo dentro de un minuto.

      Volver a intentarlo]],
    gone = [[
      Este enlace ya no está en uso

      Es posible que esté incompleto o que se haya sustituido por otro más reciente. Utilice el
      último mensaje que haya recibido o póngase en contacto con {platform}.]],
  },
}
