//! Columns of a batch from rows that are JSON values, by the names in the schema.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, FixedSizeListArray, Float32Array, Float64Array, Int64Array, ListArray, StringArray,
    StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use serde_json::Value;

use super::schema::{Column, Kind};

/// The values of a column; `rows` are objects, or nothing where the whole of them is unknown.
pub(super) fn column(column: &Column, rows: &[Option<&Value>]) -> Result<ArrayRef, ArrowError> {
    let values: Vec<Option<&Value>> =
        rows.iter().map(|row| row.and_then(|row| row.get(column.key)).filter(|value| !value.is_null())).collect();
    array(&column.kind, &values)
}

fn array(kind: &Kind, values: &[Option<&Value>]) -> Result<ArrayRef, ArrowError> {
    let known = || values.iter().copied();
    Ok(match kind {
        Kind::Text => Arc::new(known().map(|v| v?.as_str()).collect::<StringArray>()),
        Kind::Count => Arc::new(known().map(|v| v?.as_i64()).collect::<Int64Array>()),
        Kind::Decimal => Arc::new(known().map(|v| v?.as_f64()).collect::<Float64Array>()),
        Kind::Flag => Arc::new(known().map(|v| v?.as_bool()).collect::<BooleanArray>()),
        Kind::Struct(columns) => {
            let DataType::Struct(fields) = kind.data_type() else { return Err(unlike(kind)) };
            let arrays = columns.iter().map(|c| column(c, values)).collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new_with_length(fields, arrays, nulls(values), values.len())?)
        }
        Kind::List(of) => {
            let DataType::List(element) = kind.data_type() else { return Err(unlike(kind)) };
            let lists = || known().map(|v| v.and_then(Value::as_array).map_or(&[][..], Vec::as_slice));
            let inner: Vec<Option<&Value>> = lists().flatten().map(Some).collect();
            let offsets = OffsetBuffer::from_lengths(lists().map(<[Value]>::len));
            Arc::new(ListArray::try_new(element, offsets, array(of, &inner)?, nulls(values))?)
        }
    })
}

fn nulls(values: &[Option<&Value>]) -> Option<NullBuffer> {
    values.iter().any(Option::is_none).then(|| values.iter().map(Option::is_some).collect())
}

fn unlike(kind: &Kind) -> ArrowError {
    ArrowError::SchemaError(format!("no column of {kind}"))
}

/// Vectors of `size` numbers each.
pub(super) fn embeddings(vectors: &[Option<Vec<f32>>], size: i32) -> Result<ArrayRef, ArrowError> {
    let zeros = vec![0.0; size as usize];
    let numbers = vectors.iter().flat_map(|v| v.as_ref().unwrap_or(&zeros).iter().copied());
    let element = Arc::new(Field::new("element", DataType::Float32, false));
    let nulls = vectors.iter().map(Option::is_some).collect();
    let numbers: Arc<dyn Array> = Arc::new(Float32Array::from_iter_values(numbers));
    Ok(Arc::new(FixedSizeListArray::try_new(element, size, numbers, Some(nulls))?))
}
