//! Reports and failures as JSON objects.

use std::ffi::OsStr;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::imaging::Report;

use super::args::imaging::Imaging;
use super::exit::{Exit, Failure};

/// A report with how it ended. It is written as it is walked: a tree of values would take many times its memory.
#[derive(Serialize)]
pub(super) struct Ended<'a, R> {
    #[serde(flatten)]
    report: &'a R,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

/// `report` with its exit code, and with the failure that ended it.
pub(super) fn ended<'a, R: Serialize>(report: &'a R, exit: Exit, failure: Option<&Failure>) -> Ended<'a, R> {
    Ended { report, exit_code: exit.code(), error: failure.map(error) }
}

/// The object of a command that failed before it had anything to report. What could not be understood is null.
pub(super) fn failed(command: Option<&str>, source: Option<&OsStr>, failure: &Failure) -> Value {
    let mut object = product(command, source, Map::new(), failure.exit());
    if let Some(object) = object.as_object_mut() {
        object.insert("error".into(), error(failure));
    }
    object
}

/// The object of a command that has no report of its own: the frame that all have, with its `result`.
pub(super) fn product(command: Option<&str>, source: Option<&OsStr>, result: Map<String, Value>, exit: Exit) -> Value {
    let mut object = Map::new();
    object.insert("command".into(), command.into());
    object.insert("source".into(), source.map(OsStr::to_string_lossy).into());
    object.extend(result);
    object.extend(stopped_by(exit).map(|by| ("stopped_by".to_owned(), by.into())));
    object.insert("exit_code".into(), exit.code().into());
    Value::Object(object)
}

/// The object of a sweep or a patch that did not begin: the keys of every other one, null where nothing is known.
pub(super) fn imaging_failed(command: &str, options: &Imaging, failure: &Failure) -> Value {
    let mut object = match serde_json::to_value(Report::default()) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    };
    object.values_mut().for_each(|value| *value = Value::Null);
    let known: [(&str, Value); 8] = [
        ("command", command.into()),
        ("source", options.source.to_string_lossy().into()),
        ("image", options.image.to_string_lossy().into()),
        ("complete", false.into()),
        ("sha256", Value::Null),
        ("stopped_by", stopped_by(failure.exit()).into()),
        ("exit_code", failure.exit().code().into()),
        ("error", error(failure)),
    ];
    object.extend(known.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}

/// What stopped a command, where it was no failure.
pub(super) fn stopped_by(exit: Exit) -> Option<&'static str> {
    (exit == Exit::Stopped).then_some("signal")
}

/// A failure as reports have it.
fn error(failure: &Failure) -> Value {
    json!({"code": failure.exit().code(), "message": failure.message, "hint": failure.hint})
}
