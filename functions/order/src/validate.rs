//! The order of checks, decided once: the fields in the order of the contract; for each one, is it there, is it of the right
//! type, is it within its limits; the fields of an item or an address in the place of their parent. A name that stands twice in
//! an object is told before the object's fields. Fields the contract does not name are ignored and not stored.

use serde_json::value::RawValue;

use crate::{
    decimal::{self, Number},
    fields::Fields,
    limits,
    model::{Item, Order, ShippingAddress},
    problem::{CONTRACT, Problem, Rejection},
};

/// "a string", "an object", ...: of JSON that is known to be well formed.
pub(crate) fn kind_of(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

pub(crate) fn order(raw: &RawValue) -> Result<Order, Rejection> {
    let mut problems = Vec::new();
    let order = Object::read(raw, String::new(), &mut problems).and_then(|mut object| {
        // Every field is read before any is unwrapped, so that all problems are found.
        let customer_name = object.text("customerName", limits::CUSTOMER_NAME_MAX_LENGTH);
        let customer_email = object.email("customerEmail", limits::CUSTOMER_EMAIL_MAX_LENGTH);
        let items = object.items("items");
        let shipping_address = object.object("shippingAddress").and_then(|mut address| {
            let street = address.text("street", limits::SHIPPING_ADDRESS_STREET_MAX_LENGTH);
            let city = address.text("city", limits::SHIPPING_ADDRESS_CITY_MAX_LENGTH);
            let postal_code = address.text("postalCode", limits::SHIPPING_ADDRESS_POSTAL_CODE_MAX_LENGTH);
            let country = address.text("country", limits::SHIPPING_ADDRESS_COUNTRY_MAX_LENGTH);
            Some(ShippingAddress { street: street?, city: city?, postal_code: postal_code?, country: country? })
        });
        let payment_method = object.text("paymentMethod", limits::PAYMENT_METHOD_MAX_LENGTH);
        Some(Order {
            customer_name: customer_name?,
            customer_email: customer_email?,
            items: items?,
            shipping_address: shipping_address?,
            payment_method: payment_method?,
        })
    });
    match order {
        Some(order) if problems.is_empty() => Ok(order),
        _ => Err(Rejection::all(problems)),
    }
}

/// An object being read: each getter gives the field or leaves a problem behind.
struct Object<'a, 'p> {
    path: String,
    fields: Fields<'a>,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Object<'a, 'p> {
    fn read(raw: &'a RawValue, path: String, problems: &'p mut Vec<Problem>) -> Option<Self> {
        match Fields::read(raw) {
            Ok(fields) => {
                let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
                for name in &fields.duplicates {
                    problems.push(match (CONTRACT.contains(&name.as_str()), path.is_empty()) {
                        (true, _) => Problem::invalid(&format!("{prefix}{name}"), "must not be given more than once"),
                        // An unknown name is the client's text: it is not repeated.
                        (false, false) => Problem::invalid(&path, "must not have two fields of one name"),
                        (false, true) => Problem::body("Request body must not have two fields of one name"),
                    });
                }
                Some(Self { path: prefix, fields, problems })
            }
            Err(_) => {
                problems.push(Problem::invalid(&path, "has a field name that is not valid Unicode"));
                None
            }
        }
    }

    fn required(&mut self, name: &str) -> Option<(String, &'a RawValue)> {
        let path = format!("{}{name}", self.path);
        match self.fields.get(name) {
            Some(raw) => Some((path, raw)),
            None => {
                self.problems.push(Problem::missing(&path));
                None
            }
        }
    }

    fn typed(&mut self, name: &str, kind: &str) -> Option<(String, &'a RawValue)> {
        let (path, raw) = self.required(name)?;
        match kind_of(raw) {
            found if found == kind => Some((path, raw)),
            found => self.refuse(&path, format!("must be {kind}, not {found}")),
        }
    }

    fn refuse<T>(&mut self, path: &str, requirement: impl std::fmt::Display) -> Option<T> {
        self.problems.push(Problem::invalid(path, requirement));
        None
    }

    fn object(&mut self, name: &str) -> Option<Object<'a, '_>> {
        let (path, raw) = self.typed(name, "an object")?;
        Object::read(raw, path, self.problems)
    }

    fn text(&mut self, name: &str, max_length: u64) -> Option<String> {
        let (path, raw) = self.typed(name, "a string")?;
        let Some(text) = decode::<String>(raw) else {
            return self.refuse(&path, "must be a string of valid Unicode");
        };
        if text.is_empty() {
            return self.refuse(&path, "must not be empty");
        }
        let length = text.chars().count() as u64;
        if length > max_length {
            return self.refuse(&path, format!("must be at most {max_length} characters long, not {length}"));
        }
        if text.chars().any(is_forbidden) {
            return self.refuse(&path, "must not contain control characters");
        }
        if text.trim().is_empty() {
            return self.refuse(&path, "must not be blank");
        }
        Some(text)
    }

    fn email(&mut self, name: &str, max_length: u64) -> Option<String> {
        let text = self.text(name, max_length)?;
        let options =
            email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
        // A quoted local part may hold spaces and further @: allowed by the RFC, refused by the API's model, never a customer's.
        let plain = !text.contains(char::is_whitespace) && text.matches('@').count() == 1;
        if plain && email_address::EmailAddress::parse_with_options(&text, options).is_ok() {
            return Some(text);
        }
        let path = format!("{}{name}", self.path);
        self.refuse(&path, "must be an e-mail address such as name@example.com")
    }

    fn items(&mut self, name: &str) -> Option<Vec<Item>> {
        let (path, raw) = self.typed(name, "an array")?;
        let Some(elements) = decode::<Vec<&RawValue>>(raw) else {
            return self.refuse(&path, "must be an array");
        };
        if elements.is_empty() {
            return self.refuse(&path, "must hold at least 1 item");
        }
        let max = limits::ITEMS_MAX_ITEMS;
        if elements.len() as u64 > max {
            return self.refuse(&path, format!("must hold at most {max} items, not {}", elements.len()));
        }
        // Collected before it is unwrapped: an item with problems does not hide those of the next.
        let items: Vec<Option<Item>> = elements
            .into_iter()
            .enumerate()
            .map(|(index, raw)| {
                let path = format!("{path}[{index}]");
                match kind_of(raw) {
                    "an object" => Object::read(raw, path, self.problems)?.item(),
                    found => self.refuse(&path, format!("must be an object, not {found}")),
                }
            })
            .collect();
        items.into_iter().collect()
    }

    fn item(&mut self) -> Option<Item> {
        let product_id = self.text("productId", limits::ITEMS_PRODUCT_ID_MAX_LENGTH);
        let product_name = self.text("productName", limits::ITEMS_PRODUCT_NAME_MAX_LENGTH);
        let quantity = self.quantity("quantity");
        let price = self.price("price");
        Some(Item { product_id: product_id?, product_name: product_name?, quantity: quantity?, price: price? })
    }

    fn quantity(&mut self, name: &str) -> Option<u32> {
        let (path, raw) = self.typed(name, "a number")?;
        let (min, max) = (limits::ITEMS_QUANTITY_MINIMUM, limits::ITEMS_QUANTITY_MAXIMUM);
        // `2.0` is no integer in the API's model either.
        match raw.get().parse::<u32>() {
            Ok(quantity) if (min..=max).contains(&u64::from(quantity)) => Some(quantity),
            _ => self.refuse(&path, format!("must be a whole number from {min} to {max}")),
        }
    }

    fn price(&mut self, name: &str) -> Option<rust_decimal::Decimal> {
        let (path, raw) = self.typed(name, "a number")?;
        let (min, max) = (limits::ITEMS_PRICE_MINIMUM, limits::ITEMS_PRICE_MAXIMUM);
        let decimals = limits::ITEMS_PRICE_DECIMALS;
        match decimal::parse(raw.get(), decimals) {
            Number::Exact(price) if price <= max.into() && price >= min.into() => Some(price.normalize()),
            Number::TooManyDecimals => self.refuse(&path, format!("must have at most {decimals} decimals")),
            Number::Exact(_) | Number::TooLarge => self.refuse(&path, format!("must be at most {max}")),
            Number::Negative => self.refuse(&path, format!("must be at least {min}")),
        }
    }
}

/// Control characters, those that turn the direction of the text around them included, and the two noncharacters that SQS
/// refuses in a message.
fn is_forbidden(c: char) -> bool {
    let turns_text = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_text || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn decode<'a, T: serde::Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}
