//! Tables of all fields of a registry, from its JSON Schema: one for each kind of object, in the order in which they are in each other.

use serde_json::Value as Json;

/// The top-level fields in the order in which people write them. Those that are missing here follow.
const ORDER: [&str; 7] = ["metadata", "teams", "clusters", "projects", "namespaces", "services", "permissions"];

/// All tables.
pub(super) fn tables(schema: &Json) -> String {
    let mut tables = Tables { schema, written: Vec::new(), text: String::new() };
    tables.object("The document", "", schema);
    tables.text
}

struct Tables<'a> {
    schema: &'a Json,
    /// The names of the definitions whose table is there.
    written: Vec<&'a str>,
    text: String,
}

impl<'a> Tables<'a> {
    fn object(&mut self, title: &str, path: &str, object: &'a Json) {
        self.text.push_str(&format!("### {title}\n\n"));
        if !path.is_empty() {
            let about = format!("`{path}`. {}", one_line(object).replace('\n', " "));
            self.text.push_str(&format!("{}\n\n", about.trim_end()));
        }
        self.text.push_str("| field | value | meaning |\n|---|---|---|\n");
        let mut fields: Vec<(&String, &Json)> =
            object["properties"].as_object().map(|fields| fields.iter().collect()).unwrap_or_default();
        let is_required =
            |name: &str| object["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        fields.sort_by_key(|(name, _)| {
            let place = ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len());
            if path.is_empty() { (place, false) } else { (0, !is_required(name)) }
        });
        let mut deeper = Vec::new();
        for (name, field) in fields {
            let required = if is_required(name) { ", required" } else { "" };
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let value = self.value(field, &below, &mut deeper);
            let meaning = one_line(field).replace('|', "\\|").replace('\n', " ");
            self.text.push_str(&format!("| `{name}`{required} | {value} | {meaning} |\n"));
        }
        self.text.push('\n');
        for (title, path, object) in deeper {
            if !self.written.contains(&title) {
                self.written.push(title);
                self.object(title, &path, object);
            }
        }
    }

    /// What a field contains, in words. Objects in it are described in tables of their own.
    fn value(&self, field: &'a Json, path: &str, deeper: &mut Vec<(&'a str, String, &'a Json)>) -> String {
        if let Some(name) = field["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            let definition = &self.schema["$defs"][name];
            // The envelope of an entry.
            if definition["properties"]["spec"].is_object() {
                return self.value(&definition["properties"]["spec"], &format!("{path}.spec"), deeper);
            }
            if definition["properties"].is_object() {
                deeper.push((name, path.to_owned(), definition));
                return format!("[{name}](#{})", name.to_lowercase());
            }
            if definition["anyOf"].is_array() {
                return self.alternatives(definition, name, path, deeper);
            }
            if let Some(values) = definition["oneOf"].as_array() {
                let values: Vec<String> = values.iter().map(|value| format!("`{}`", text(&value["const"]))).collect();
                return values.join(", ");
            }
            return text(&definition["description"]).trim_end_matches('.').replace('|', "\\|");
        }
        if field["anyOf"].is_array() {
            return self.alternatives(field, "", path, deeper);
        }
        let is = |kind: &str| {
            field["type"] == kind || field["type"].as_array().is_some_and(|all| all.iter().any(|one| one == kind))
        };
        if is("array") {
            format!("list: {}", self.value(&field["items"], &format!("{path}[]"), deeper))
        } else if field["additionalProperties"].is_object() {
            format!("map: {}", self.value(&field["additionalProperties"], &format!("{path}.*"), deeper))
        } else if is("boolean") {
            "`true` or `false`".to_owned()
        } else if is("integer") {
            "a whole number".to_owned()
        } else {
            "text".to_owned()
        }
    }

    /// One of several; `null` is what every optional field may be.
    fn alternatives(
        &self,
        field: &'a Json,
        name: &'a str,
        path: &str,
        deeper: &mut Vec<(&'a str, String, &'a Json)>,
    ) -> String {
        let all = field["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        let words: Vec<String> = all
            .iter()
            .filter(|one| one["type"] != "null")
            .map(|one| {
                if one["properties"].is_object() && !name.is_empty() {
                    deeper.push((name, path.to_owned(), one));
                    return format!("[{name}](#{})", name.to_lowercase());
                }
                // A name of another entry is described best by what it refers to.
                let about = one_line(one);
                if about.is_empty() { self.value(one, path, deeper) } else { about.trim_end_matches('.').to_owned() }
            })
            .collect();
        words.join("; or ")
    }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

/// The description: its first paragraph.
fn one_line(of: &Json) -> &str {
    text(&of["description"]).split("\n\n").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::tables;

    #[test]
    fn entries_lists_maps_and_alternatives_have_a_table_each() {
        let schema = json!({
            "properties": {
                "things": {"items": {"$ref": "#/$defs/ThingEntry"}, "type": "array", "description": "All things."},
                "metadata": {"anyOf": [{"$ref": "#/$defs/Metadata"}, {"type": "null"}], "description": "About it."}
            },
            "required": ["things"],
            "$defs": {
                "Metadata": {"description": "Data.", "properties": {"age": {"type": ["integer", "null"], "description": "In\nyears."}}},
                "ThingEntry": {"properties": {"type": {"const": "Thing"}, "spec": {"$ref": "#/$defs/Thing"}}},
                "Thing": {"description": "One.\n\nAt length.", "required": ["name"], "properties": {
                    "is": {"type": ["boolean", "null"]},
                    "name": {"$ref": "#/$defs/Name", "description": "Its name."},
                    "on": {"items": {"$ref": "#/$defs/Line"}, "type": ["array", "null"], "description": "Lines."},
                    "rows": {"additionalProperties": {"type": "string"}, "type": ["object", "null"]}
                }},
                "Line": {"anyOf": [
                    {"$ref": "#/$defs/Name", "description": "A name."},
                    {"properties": {"a": {"description": "A."}}, "description": "An a.", "type": "object"}
                ]},
                "Name": {"description": "a letter.", "type": "string"}
            }
        });
        assert_snapshot!(tables(&schema), @"
        ### The document

        | field | value | meaning |
        |---|---|---|
        | `metadata` | [Metadata](#metadata) | About it. |
        | `things`, required | list: [Thing](#thing) | All things. |

        ### Metadata

        `metadata`. Data.

        | field | value | meaning |
        |---|---|---|
        | `age` | a whole number | In years. |

        ### Thing

        `things[].spec`. One.

        | field | value | meaning |
        |---|---|---|
        | `name`, required | a letter | Its name. |
        | `is` | `true` or `false` |  |
        | `on` | list: A name; or [Line](#line) | Lines. |
        | `rows` | map: text |  |

        ### Line

        `things[].spec.on[]`. An a.

        | field | value | meaning |
        |---|---|---|
        | `a` | text | A. |
        ");
    }
}
