//! How fast to learn, step by step.

use super::recipe::Recipe;

/// The learning rate of step `step` (from 0) of `total`: a linear rise, then a linear fall to 0.
pub fn learning_rate(recipe: &Recipe, step: i64, total: i64) -> f64 {
    let (step, total) = (step as f64 + 0.5, total.max(1) as f64);
    let rise = (recipe.warm_up * total).max(1.0);
    let factor = if step < rise { step / rise } else { ((total - step) / (total - rise).max(1.0)).max(0.0) };
    recipe.learning_rate * factor
}
