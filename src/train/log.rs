//! The log of a run: every step and epoch as JSON Lines, and the curves as a picture.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{json, Value};

use super::dev::Scores;
use super::TrainError;

/// An open log.
pub struct Log {
    path: PathBuf,
    file: File,
    began: Instant,
}

impl Log {
    /// Opens `train.jsonl` in `out`, to go on with it or anew.
    pub fn open(out: &Path, resume: bool) -> Result<Self, TrainError> {
        let path = out.join("train.jsonl");
        let error = |e: std::io::Error| TrainError::Output { path: path.clone(), reason: e.to_string() };
        fs::create_dir_all(out).map_err(error)?;
        let file =
            OpenOptions::new().create(true).append(resume).truncate(!resume).write(true).open(&path).map_err(error)?;
        Ok(Log { path, file, began: Instant::now() })
    }

    fn line(&mut self, value: &Value) -> Result<(), TrainError> {
        writeln!(self.file, "{value}")
            .map_err(|e| TrainError::Output { path: self.path.clone(), reason: e.to_string() })
    }

    /// Logs a step.
    pub fn step(
        &mut self,
        step: i64,
        rate: f64,
        loss: f64,
        norm: f64,
        parts: &[(&'static str, f64)],
    ) -> Result<(), TrainError> {
        let parts: serde_json::Map<String, Value> = parts.iter().map(|(n, v)| ((*n).to_owned(), rounded(*v))).collect();
        let seconds = rounded(self.began.elapsed().as_secs_f64());
        self.line(&json!({"step": step, "seconds": seconds, "rate": rate, "loss": rounded(loss), "norm": rounded(norm), "parts": parts}))
    }

    /// Logs an epoch and draws the curves anew.
    pub fn epoch(&mut self, epoch: usize, scores: &[(String, Scores)]) -> Result<(), TrainError> {
        let by_name: serde_json::Map<String, Value> = scores.iter().map(|(n, s)| (n.clone(), json!(s))).collect();
        let seconds = rounded(self.began.elapsed().as_secs_f64());
        self.line(&json!({"epoch": epoch, "seconds": seconds, "dev": by_name}))?;
        let error = |e: std::io::Error| TrainError::Output { path: self.path.clone(), reason: e.to_string() };
        let text = fs::read_to_string(&self.path).map_err(error)?;
        let lines: Vec<Value> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        fs::write(self.path.with_file_name("curves.svg"), curves(&lines)).map_err(error)
    }
}

fn rounded(value: f64) -> Value {
    json!((value * 1e4).round() / 1e4)
}

/// Loss over steps and dev scores over epochs, as SVG.
fn curves(lines: &[Value]) -> String {
    let losses: Vec<f64> =
        lines.iter().filter(|l| l.get("step").is_some()).filter_map(|l| l["loss"].as_f64()).collect();
    let every = losses.len().div_ceil(300).max(1);
    let smooth: Vec<f64> = losses.chunks(every).map(|c| c.iter().sum::<f64>() / c.len() as f64).collect();
    let mut plots = panel("training loss", 0.0, &[("loss".to_owned(), smooth)]);
    let mut scores: Vec<(String, Vec<f64>)> = Vec::new();
    for line in lines.iter().filter_map(|l| l.get("dev")?.as_object()) {
        for (set, values) in line {
            for (name, value) in values.as_object().into_iter().flatten() {
                let Some(value) = value.as_f64() else { continue };
                let name = format!("{set} {name}");
                match scores.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, curve)) => curve.push(value),
                    None => scores.push((name, vec![value])),
                }
            }
        }
    }
    plots += &panel("dev scores", 440.0, &scores);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1060\" height=\"340\" font-family=\"sans-serif\" \
         font-size=\"11\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>{plots}</svg>\n"
    )
}

/// One plot with its legend, 360 by 260 at horizontal offset `x`.
fn panel(title: &str, x: f64, series: &[(String, Vec<f64>)]) -> String {
    let top = series.iter().flat_map(|(_, v)| v).fold(1e-9_f64, |m, &v| m.max(v));
    let mut svg = format!(
        "<g transform=\"translate({x},30)\"><text x=\"40\" y=\"-10\">{title}</text>\
         <path d=\"M40 0V260H400\" fill=\"none\" stroke=\"#444\"/><text x=\"4\" y=\"8\">{top:.2}</text>\
         <text x=\"20\" y=\"264\">0</text>"
    );
    for (n, (name, values)) in series.iter().enumerate() {
        let hue = n * 47 % 360;
        let step = 360.0 / (values.len().max(2) - 1) as f64;
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(i, v)| format!("{:.1},{:.1}", 40.0 + i as f64 * step, 260.0 - v / top * 260.0))
            .collect();
        let last = values.last().copied().unwrap_or(0.0);
        svg += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"hsl({hue},70%,40%)\"/>\
             <text x=\"410\" y=\"{}\" fill=\"hsl({hue},70%,40%)\">{} {last:.3}</text>",
            points.join(" "),
            12 + n * 14,
            name.replace('&', "&amp;").replace('<', "&lt;")
        );
    }
    svg + "</g>"
}
