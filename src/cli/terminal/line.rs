//! One line of progress, whatever the width: fields of less weight go first. Pure.

/// Columns of the shortest bar that tells anything, its brackets included, and of the longest.
const BAR: std::ops::Range<usize> = 12..42;

/// A part of the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field {
    /// Its text.
    pub(super) text: String,
    /// What stays longest; 0 stays always.
    pub(super) weight: u8,
}

impl Field {
    /// A field.
    pub(super) fn new(weight: u8, text: impl Into<String>) -> Self {
        Self { text: text.into(), weight }
    }
}

/// Columns that a text takes at most: what is no ASCII may be wide.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// The fields that fit into `width` columns, in their order, and a bar where there is room behind the second one for it:
/// `share` is how much is done.
pub(super) fn fit(fields: &[Field], share: Option<f64>, width: usize) -> String {
    let mut kept: Vec<bool> = vec![false; fields.len()];
    let mut by_weight: Vec<usize> = (0..fields.len()).collect();
    by_weight.sort_by_key(|index| fields.get(*index).map(|field| field.weight));
    let mut used = 0;
    for index in by_weight {
        let Some(field) = fields.get(index) else { continue };
        let more = columns(&field.text) + if used == 0 { 0 } else { 2 };
        if used + more <= width || field.weight == 0 {
            used += more;
            if let Some(kept) = kept.get_mut(index) {
                *kept = true;
            }
        }
    }
    let mut parts: Vec<String> =
        fields.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(field, _)| field.text.clone()).collect();
    let room = width.saturating_sub(used + 2).min(BAR.end);
    if let Some(share) = share.filter(|_| room >= BAR.start) {
        parts.insert(parts.len().min(2), bar(share, room));
    }
    cut(&parts.join("  "), width)
}

/// `[=====>     ]`, full only when nothing is missing.
#[allow(clippy::cast_sign_loss, reason = "a share is not negative")]
fn bar(share: f64, width: usize) -> String {
    let room = width.saturating_sub(2);
    let done = ((share.clamp(0.0, 1.0) * room as f64).floor() as usize).min(room);
    let head = if done < room { ">" } else { "" };
    format!("[{}{head}{}]", "=".repeat(done), " ".repeat(room.saturating_sub(done + head.len())))
}

/// The first columns of a text.
pub(super) fn cut(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += if c.is_ascii() { 1 } else { 2 };
        used <= width
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_weighs_least_goes_first_and_the_order_stays() {
        let fields = [
            Field::new(0, "retry 2/3"),
            Field::new(0, "97.2 %"),
            Field::new(3, "unit 14/32"),
            Field::new(1, "film hurt 0:29-0:31"),
            Field::new(5, "1 min 4 s"),
        ];
        assert_eq!(fit(&fields, None, 17), "retry 2/3  97.2 %");
        assert_eq!(fit(&fields, None, 40), "retry 2/3  97.2 %  film hurt 0:29-0:31");
        assert_eq!(fit(&fields, None, 52), "retry 2/3  97.2 %  unit 14/32  film hurt 0:29-0:31");
        assert!(fit(&fields, None, 80).ends_with("1 min 4 s"));
        assert_eq!(fit(&fields, None, 5), "retry");
        let wide = fit(&fields, Some(0.5), 200);
        assert!(wide.starts_with("retry 2/3  97.2 %  [====") && wide.contains(">  "), "{wide}");
        assert!(bar(1.0, 20).ends_with("==]") && bar(0.999, 20).contains('>'));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(
            fields in prop::collection::vec((0u8..6, "[a-zé魚 ]{0,30}"), 0..10),
            share in prop::option::of(any::<f64>()),
            width in 0usize..220,
        ) {
            let fields: Vec<Field> = fields.into_iter().map(|(weight, text)| Field::new(weight, text)).collect();
            prop_assert!(columns(&fit(&fields, share, width)) <= width);
        }
    }
}
