//! Text in the form that core gives to every string: Unicode normalization form C. What a registry contains in another form would differ
//! from what core returns for it, in every plan.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// The text in normalization form C: as it is, if it is in that form, as ASCII always is.
pub(crate) fn nfc(text: Cow<'_, str>) -> Cow<'_, str> {
    const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
    if text.is_ascii() || NFC.is_normalized(&text) {
        return text;
    }
    Cow::Owned(NFC.normalize(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_composed_and_everything_else_is_as_it_was() {
        for (text, composed) in [
            ("", ""),
            ("plain", "plain"),
            ("\u{e9}quipe", "\u{e9}quipe"),
            ("e\u{301}quipe", "\u{e9}quipe"),
            ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
            ("\u{212b}\u{212a}", "\u{c5}K"),
            ("\u{1fef}", "`"),
            ("q\u{307}\u{323}", "q\u{323}\u{307}"),
            ("\u{fb01} \u{ff21} 😀", "\u{fb01} \u{ff21} 😀"),
        ] {
            assert_eq!(nfc(Cow::Borrowed(text)), composed);
            assert_eq!(nfc(Cow::Owned(text.to_owned())), composed);
        }
        assert!(matches!(nfc(Cow::Borrowed("\u{e9}")), Cow::Borrowed(_)), "not copied");
    }
}
