/** The words that the importer adds to a text, in the language of the course. */
export interface Labels {
  readonly footnotes: string;
  /** Read aloud for the link from a footnote back to its reference, whose number follows. */
  readonly backToReference: string;
  readonly alerts: Readonly<Record<AlertKind, string>>;
}

export const ALERT_KINDS = ['note', 'tip', 'important', 'warning', 'caution'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** By primary language: footnotes, the way back, and the kinds of alerts in their order. */
const WORDS: Readonly<Record<string, readonly [string, string, string, string, string, string, string]>> = {
  ar: ['الحواشي', 'العودة إلى المرجع', 'ملاحظة', 'نصيحة', 'مهم', 'تحذير', 'تنبيه'],
  bn: ['পাদটীকা', 'উল্লেখে ফিরে যান', 'দ্রষ্টব্য', 'পরামর্শ', 'গুরুত্বপূর্ণ', 'সতর্কতা', 'সাবধান'],
  ca: ['Notes', 'Torna a la referència', 'Nota', 'Consell', 'Important', 'Advertiment', 'Atenció'],
  cs: ['Poznámky pod čarou', 'Zpět na odkaz', 'Poznámka', 'Tip', 'Důležité', 'Varování', 'Pozor'],
  da: ['Fodnoter', 'Tilbage til henvisning', 'Bemærk', 'Tip', 'Vigtigt', 'Advarsel', 'Forsigtig'],
  de: ['Fußnoten', 'Zurück zum Verweis', 'Hinweis', 'Tipp', 'Wichtig', 'Warnung', 'Vorsicht'],
  el: ['Υποσημειώσεις', 'Επιστροφή στην παραπομπή', 'Σημείωση', 'Συμβουλή', 'Σημαντικό', 'Προειδοποίηση', 'Προσοχή'],
  en: ['Footnotes', 'Back to reference', 'Note', 'Tip', 'Important', 'Warning', 'Caution'],
  es: ['Notas al pie', 'Volver a la referencia', 'Nota', 'Consejo', 'Importante', 'Advertencia', 'Precaución'],
  fa: ['پانویس‌ها', 'بازگشت به ارجاع', 'نکته', 'راهنمایی', 'مهم', 'هشدار', 'احتیاط'],
  fi: ['Alaviitteet', 'Takaisin viitteeseen', 'Huomautus', 'Vinkki', 'Tärkeää', 'Varoitus', 'Huomio'],
  fr: [
    'Notes de bas de page',
    'Retour à la référence',
    'Remarque',
    'Conseil',
    'Important',
    'Avertissement',
    'Attention',
  ],
  he: ['הערות שוליים', 'חזרה להפניה', 'הערה', 'טיפ', 'חשוב', 'אזהרה', 'זהירות'],
  hi: ['पाद टिप्पणियाँ', 'संदर्भ पर वापस जाएँ', 'ध्यान दें', 'सुझाव', 'महत्वपूर्ण', 'चेतावनी', 'सावधान'],
  hu: ['Lábjegyzetek', 'Vissza a hivatkozáshoz', 'Megjegyzés', 'Tipp', 'Fontos', 'Figyelmeztetés', 'Vigyázat'],
  id: ['Catatan kaki', 'Kembali ke rujukan', 'Catatan', 'Tip', 'Penting', 'Peringatan', 'Perhatian'],
  it: ['Note a piè di pagina', 'Torna al riferimento', 'Nota', 'Suggerimento', 'Importante', 'Avviso', 'Attenzione'],
  ja: ['脚注', '参照に戻る', '注記', 'ヒント', '重要', '警告', '注意'],
  ko: ['각주', '참조로 돌아가기', '참고', '팁', '중요', '경고', '주의'],
  nb: ['Fotnoter', 'Tilbake til henvisning', 'Merk', 'Tips', 'Viktig', 'Advarsel', 'Forsiktig'],
  nl: ['Voetnoten', 'Terug naar verwijzing', 'Opmerking', 'Tip', 'Belangrijk', 'Waarschuwing', 'Let op'],
  pl: ['Przypisy', 'Wróć do odnośnika', 'Uwaga', 'Wskazówka', 'Ważne', 'Ostrzeżenie', 'Przestroga'],
  pt: ['Notas de rodapé', 'Voltar à referência', 'Nota', 'Dica', 'Importante', 'Aviso', 'Cuidado'],
  ro: ['Note de subsol', 'Înapoi la referință', 'Notă', 'Sfat', 'Important', 'Avertisment', 'Atenție'],
  ru: ['Сноски', 'Назад к ссылке', 'Примечание', 'Совет', 'Важно', 'Предупреждение', 'Осторожно'],
  sv: ['Fotnoter', 'Tillbaka till hänvisning', 'Obs', 'Tips', 'Viktigt', 'Varning', 'Försiktigt'],
  th: ['เชิงอรรถ', 'กลับไปที่การอ้างอิง', 'หมายเหตุ', 'เคล็ดลับ', 'สำคัญ', 'คำเตือน', 'ข้อควรระวัง'],
  tr: ['Dipnotlar', 'Başvuruya dön', 'Not', 'İpucu', 'Önemli', 'Uyarı', 'Dikkat'],
  uk: ['Виноски', 'Назад до посилання', 'Примітка', 'Порада', 'Важливо', 'Попередження', 'Обережно'],
  vi: ['Chú thích', 'Quay lại tham chiếu', 'Ghi chú', 'Mẹo', 'Quan trọng', 'Cảnh báo', 'Thận trọng'],
  zh: ['脚注', '返回引用', '注意', '提示', '重要', '警告', '小心'],
};

/** Languages whose words are those of another one. */
const SAME_AS: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb', iw: 'he', in: 'id' };

/** Returns the words of a language, which is a BCP 47 tag; those of English for a language that is not listed. */
export function labelsOf(language: string): Labels {
  const primary = language.toLowerCase().split('-')[0] ?? 'en';
  const { en } = WORDS;
  const words = WORDS[SAME_AS[primary] ?? primary] ?? en ?? [];
  const [footnotes = '', backToReference = '', note = '', tip = '', important = '', warning = '', caution = ''] = words;
  return { footnotes, backToReference, alerts: { note, tip, important, warning, caution } };
}
