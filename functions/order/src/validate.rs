//! The order of checks, decided once: the fields in the order of the contract; for each one, is it there, is it of the right
//! type, is it within its limits; the fields of an item or an address in the place of their parent. Names of which an object
//! can't be read are told before the object's fields. Fields the contract does not name are ignored and not stored.

use std::{borrow::Cow, fmt};

use rust_decimal::prelude::ToPrimitive as _;
use serde_json::value::RawValue;

use crate::{
    decimal::{self, Number},
    fields::Fields,
    limits,
    model::{Item, Order, ShippingAddress},
    problem::{Problem, ProblemKind, Problems, Rejection},
    text::{self, forbidden, is_blank, is_email, is_outer, is_without_postal_code},
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
    let mut problems = Problems::default();
    let order = Object::read(raw, Path::ROOT, &mut problems).and_then(|mut object| {
        // Every field is read before any is unwrapped, so that all problems are found.
        let customer_name = object.text("customerName", limits::CUSTOMER_NAME_MAX_LENGTH);
        let customer_email = object.email("customerEmail", limits::CUSTOMER_EMAIL_MAX_LENGTH);
        let items = object.items("items");
        let shipping_address = object.object("shippingAddress").and_then(|mut address| {
            let street = address.line("street", limits::SHIPPING_ADDRESS_STREET_MAX_LENGTH);
            let city = address.line("city", limits::SHIPPING_ADDRESS_CITY_MAX_LENGTH);
            let postal_code = address.postal_code("postalCode", "country");
            let country = address.line("country", limits::SHIPPING_ADDRESS_COUNTRY_MAX_LENGTH);
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

/// Where a field stands, written out only when something is wrong with it.
#[derive(Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    at: At<'p>,
}

#[derive(Clone, Copy)]
enum At<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    const ROOT: Self = Self { parent: None, at: At::Root };

    fn field(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), at: At::Name(name) }
    }

    fn element(&'p self, index: usize) -> Self {
        Self { parent: Some(self), at: At::Index(index) }
    }

    fn is_root(&self) -> bool {
        matches!(self.at, At::Root)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.at {
            At::Root => Ok(()),
            At::Name(name) if self.parent.is_none_or(Path::is_root) => f.write_str(name),
            At::Name(name) => write!(f, ".{name}"),
            At::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// An object being read: each getter gives the field or leaves a problem behind.
struct Object<'a, 'p> {
    path: Path<'p>,
    fields: Fields<'a>,
    problems: &'p mut Problems,
}

impl<'a, 'p> Object<'a, 'p> {
    fn read(raw: &'a RawValue, path: Path<'p>, problems: &'p mut Problems) -> Option<Self> {
        // `None` can't be: the text is JSON, and an object.
        let fields = Fields::read(raw).ok()?;
        let mut refuse = |requirement: String| {
            problems.push(if path.is_root() {
                Problem::body(format!("Request body {requirement}"))
            } else {
                Problem::invalid(&path.to_string(), requirement)
            });
        };
        // Of other names than the contract's no more is repeated than what is wrong with them.
        if let Some(half) = fields.lone_surrogate {
            refuse(format!("must not have a field name with \\u{half:04x}, half of a surrogate pair"));
        }
        if fields.foreign_duplicate {
            refuse("must not have two fields of one name".into());
        }
        if let Some((first, more)) = fields.duplicates.split_first() {
            let first = path.field(first).to_string();
            let names = more.iter().fold(first.clone(), |names, name| format!("{names}, {}", path.field(name)));
            let message = format!("Invalid field: {names} must not be given more than once");
            problems.push(Problem::new(&first, ProblemKind::Invalid, message));
        }
        Some(Self { path, fields, problems })
    }

    fn required(&mut self, name: &str) -> Option<&'a RawValue> {
        let found = self.fields.get(name);
        if found.is_none() {
            self.problems.push(Problem::missing(&self.path.field(name).to_string()));
        }
        found
    }

    fn typed(&mut self, name: &str, kind: &str) -> Option<&'a RawValue> {
        let raw = self.required(name)?;
        match kind_of(raw) {
            found if found == kind => Some(raw),
            found => self.refuse(name, format_args!("must be {kind}, not {found}")),
        }
    }

    fn refuse<T>(&mut self, name: &str, requirement: impl fmt::Display) -> Option<T> {
        self.problems.push(Problem::invalid(&self.path.field(name).to_string(), requirement));
        None
    }

    fn object<'o>(&'o mut self, name: &'o str) -> Option<Object<'a, 'o>> {
        let raw = self.typed(name, "an object")?;
        Object::read(raw, self.path.field(name), self.problems)
    }

    /// On one line.
    fn text(&mut self, name: &str, max_length: u64) -> Option<String> {
        self.visible(name, max_length, |_| false)
    }

    /// Of an address, which may have been pasted from several lines.
    fn line(&mut self, name: &str, max_length: u64) -> Option<String> {
        Some(text::on_one_line(self.visible(name, max_length, text::breaks_line)?))
    }

    fn visible(&mut self, name: &str, max_length: u64, allowed: fn(char) -> bool) -> Option<String> {
        let raw = self.typed(name, "a string")?;
        let text = self.trimmed(name, raw, max_length, allowed)?;
        if raw.get() == "\"\"" {
            return self.refuse(name, "must not be empty");
        }
        if text.chars().all(is_blank) {
            return self.refuse(name, "must not be blank");
        }
        Some(text)
    }

    /// A string without what is around it; its length is what was sent.
    fn trimmed(&mut self, name: &str, raw: &RawValue, max_length: u64, allowed: fn(char) -> bool) -> Option<String> {
        let Some(text) = string(raw) else {
            return self.refuse(name, "must be a string of valid Unicode");
        };
        // No text has more characters than bytes.
        let length = if text.len() as u64 > max_length { text.chars().count() as u64 } else { 0 };
        if length > max_length {
            return self.refuse(name, format_args!("must be at most {max_length} characters long, not {length}"));
        }
        let trimmed = text.trim_matches(is_outer);
        let found =
            trimmed.chars().enumerate().find_map(|(at, c)| Some((at, c, forbidden(c).filter(|_| !allowed(c))?)));
        if let Some((at, c, what)) = found {
            let before = text.chars().take_while(|c| is_outer(*c)).count();
            let (code, place) = (u32::from(c), before + at + 1);
            return self.refuse(name, format_args!("must not contain U+{code:04X}, {what}, as character {place}"));
        }
        Some(trimmed.to_owned())
    }

    /// Required, unless the country is one without postal codes.
    #[expect(clippy::option_option, reason = "outside: could it be read; inside: is there one")]
    fn postal_code(&mut self, name: &str, country: &str) -> Option<Option<String>> {
        let max_length = limits::SHIPPING_ADDRESS_POSTAL_CODE_MAX_LENGTH;
        let country = self.fields.get(country).and_then(string);
        if !country.is_some_and(|country| is_without_postal_code(country.trim_matches(is_outer))) {
            return self.line(name, max_length).map(Some);
        }
        if self.fields.get(name).is_none() {
            return Some(None);
        }
        let raw = self.typed(name, "a string")?;
        let code = self.trimmed(name, raw, max_length, text::breaks_line)?;
        Some((!code.chars().all(is_blank)).then(|| text::on_one_line(code)))
    }

    fn email(&mut self, name: &str, max_length: u64) -> Option<String> {
        let text = self.text(name, max_length)?;
        if is_email(&text) {
            return Some(text);
        }
        self.refuse(name, "must be an e-mail address such as name@example.com")
    }

    fn items(&mut self, name: &str) -> Option<Vec<Item>> {
        let raw = self.typed(name, "an array")?;
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            return self.refuse(name, "must be an array");
        };
        if elements.is_empty() {
            return self.refuse(name, "must hold at least 1 item");
        }
        let max = limits::ITEMS_MAX_ITEMS;
        if elements.len() as u64 > max {
            return self.refuse(name, format_args!("must hold at most {max} items, not {}", elements.len()));
        }
        let path = self.path.field(name);
        // Collected before it is unwrapped: an item with problems does not hide those of the next.
        let items: Vec<Option<Item>> = elements
            .into_iter()
            .enumerate()
            .map(|(index, raw)| {
                let path = path.element(index);
                match kind_of(raw) {
                    "an object" => Object::read(raw, path, self.problems)?.item(),
                    found => {
                        let requirement = format_args!("must be an object, not {found}");
                        self.problems.push(Problem::invalid(&path.to_string(), requirement));
                        None
                    }
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
        let raw = self.typed(name, "a number")?;
        let (min, max) = (limits::ITEMS_QUANTITY_MINIMUM, limits::ITEMS_QUANTITY_MAXIMUM);
        let quantity = match decimal::parse(raw.get(), 0) {
            Number::Exact(quantity) => quantity.to_u32().filter(|quantity| (min..=max).contains(&u64::from(*quantity))),
            Number::Negative | Number::TooManyDecimals | Number::TooLarge => None,
        };
        quantity.or_else(|| self.refuse(name, format_args!("must be a whole number from {min} to {max}")))
    }

    fn price(&mut self, name: &str) -> Option<rust_decimal::Decimal> {
        let raw = self.typed(name, "a number")?;
        let (min, max) = (limits::ITEMS_PRICE_MINIMUM, limits::ITEMS_PRICE_MAXIMUM);
        let decimals = limits::ITEMS_PRICE_DECIMALS;
        match decimal::parse(raw.get(), decimals) {
            Number::Exact(price) if price <= max.into() && price >= min.into() => Some(price.normalize()),
            Number::TooManyDecimals => self.refuse(name, format_args!("must have at most {decimals} decimals")),
            Number::Exact(_) | Number::TooLarge => self.refuse(name, format_args!("must be at most {max}")),
            Number::Negative => self.refuse(name, format_args!("must be at least {min}")),
        }
    }
}

/// A string's text, borrowed where nothing in it is escaped; none if an escape is half of a character.
fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let plain = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if plain.contains('\\') { serde_json::from_str(raw.get()).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(plain)) }
}
