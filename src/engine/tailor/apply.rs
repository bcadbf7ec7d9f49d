//! Applying edits: from the source resume and any set of accepted edits to the tailored resume.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use crate::domain::resume::Resume;
use crate::domain::tailoring::{Decision, Edit, EditOp};
use crate::engine::places::{keys, label, to_json};

/// The resume with the accepted edits in it: replaced texts first, then inserted elements, then new orders.
///
/// Targets and orders refer to the source, so that any subset of edits applies, in any order, with the same result.
/// An edit whose target is gone, or where something else stands than its `before` says, is skipped.
#[must_use]
pub fn apply(resume: &Resume, edits: &[Edit]) -> Resume {
    let source = to_json(resume);
    let mut accepted: Vec<&Edit> = edits.iter().filter(|edit| edit.decision == Decision::Accepted).collect();
    accepted.sort_by_key(|edit| {
        let rank = match edit.op {
            EditOp::Replace => 0,
            EditOp::Insert => 1,
            EditOp::Reorder => 2,
        };
        // Inner lists before the lists around them: an outer order moves what inner targets name.
        (rank, Reverse(keys(&edit.target).count()), edit.id.len(), edit.id.clone())
    });
    let all = accepted.iter().fold(source.clone(), |json, edit| with(json, &source, edit));
    if let Ok(tailored) = serde_json::from_value(all) {
        return tailored;
    }
    // Some edit breaks the shape of a resume: leave that one out, not all of them.
    let mut kept = source.clone();
    for edit in accepted {
        let next = with(kept.clone(), &source, edit);
        if serde_json::from_value::<Resume>(next.clone()).is_ok() {
            kept = next;
        }
    }
    serde_json::from_value(kept).unwrap_or_else(|_| resume.clone())
}

fn with(mut json: Value, source: &Value, edit: &Edit) -> Value {
    match edit.op {
        EditOp::Replace => replace(&mut json, source, edit),
        EditOp::Insert => insert(&mut json, source, edit),
        EditOp::Reorder => reorder(&mut json, source, edit),
    }
    json
}

fn replace(json: &mut Value, source: &Value, edit: &Edit) {
    let at_source = source.pointer(&edit.target);
    let is_as_told = at_source.unwrap_or(&Value::Null) == &edit.before;
    // A text that another edit has already replaced stays as that one left it.
    if !is_as_told || json.pointer(&edit.target) != at_source {
        return;
    }
    if let Some(place) = json.pointer_mut(&edit.target) {
        *place = edit.after.clone();
    } else if let Some((fields, name)) = parent(json, &edit.target) {
        fields.insert(name, edit.after.clone());
    }
}

fn insert(json: &mut Value, source: &Value, edit: &Edit) {
    let is_list = source.pointer(&edit.target).is_none_or(Value::is_array);
    if !is_list {
        return;
    }
    if json.pointer(&edit.target).is_none()
        && let Some((fields, name)) = parent(json, &edit.target)
    {
        fields.insert(name, Value::Array(Vec::new()));
    }
    if let Some(Value::Array(items)) = json.pointer_mut(&edit.target)
        && !items.contains(&edit.after)
    {
        items.push(edit.after.clone());
    }
}

fn reorder(json: &mut Value, source: &Value, edit: &Edit) {
    let Some(Value::Array(before)) = source.pointer(&edit.target) else {
        return;
    };
    let labels: Vec<Value> = before.iter().map(|item| Value::String(label(item))).collect();
    let mut sorted = edit.order.clone();
    sorted.sort_unstable();
    if edit.before != Value::Array(labels) || !sorted.iter().copied().eq(0..before.len()) {
        return;
    }
    if let Some(Value::Array(items)) = json.pointer_mut(&edit.target) {
        let inserted = items.get(before.len()..).unwrap_or_default().to_vec();
        let ordered = edit.order.iter().filter_map(|index| items.get(*index).cloned());
        *items = ordered.chain(inserted).collect();
    }
}

/// The object that holds the last key of a pointer.
fn parent<'a>(json: &'a mut Value, pointer: &str) -> Option<(&'a mut Map<String, Value>, String)> {
    let (above, name) = pointer.rsplit_once('/')?;
    Some((json.pointer_mut(above)?.as_object_mut()?, name.to_owned()))
}
