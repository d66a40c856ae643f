//! What is read together.

/// Runs of `items`, in their order, whose sizes add up to `most` at most. What is larger by itself is a run of its own.
pub fn batches<T>(items: impl IntoIterator<Item = T>, most: usize, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = Vec::new();
    let mut sum = 0;
    for item in items {
        let own = size(&item);
        match all.last_mut() {
            Some(last) if sum + own <= most => last.push(item),
            _ => {
                all.push(vec![item]);
                sum = 0;
            }
        }
        sum += own;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_as_long_as_fits_and_nothing_is_lost() {
        let runs = |sizes: &[usize]| batches(sizes.to_vec(), 10, |&size| size);
        assert_eq!(runs(&[4, 6, 1, 12, 3, 7, 1]), [vec![4, 6], vec![1], vec![12], vec![3, 7], vec![1]]);
        assert_eq!(runs(&[]), Vec::<Vec<usize>>::new());
    }
}
