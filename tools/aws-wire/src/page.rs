//! Paging: the token is the place to go on at.

use crate::{error::ApiError, output::Output};

/// A page of what was found, cut by the caller's token.
#[derive(Debug)]
pub struct Page<'a, T> {
    /// What is on the page.
    pub items: &'a [T],
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

impl<'a, T> Page<'a, T> {
    /// The page that `token` asks for, of at most `size` items.
    ///
    /// # Errors
    /// `InvalidNextToken` (InvalidNextTokenException's Query code in CloudWatch) for a token that was never handed out.
    pub fn of(all: &'a [T], token: Option<&str>, size: usize) -> Result<Self, ApiError> {
        let start = match token {
            None => 0,
            Some(token) => token
                .parse::<usize>()
                .map_err(|_| ApiError::new(400, "InvalidNextToken", format!("Invalid nextToken '{token}'")))?,
        };
        let start = start.min(all.len());
        let end = start.saturating_add(size.max(1)).min(all.len());
        Ok(Self { items: &all[start..end], next: (end < all.len()).then(|| end.to_string()) })
    }

    /// `NextToken`, for a structure that has it.
    pub fn token(&self) -> Option<(&'static str, Output)> {
        self.next.as_ref().map(|token| ("NextToken", Output::from(token)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let all: Vec<u32> = (0..7).collect();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let page = Page::of(&all, token.as_deref(), 3).unwrap();
            seen.extend_from_slice(page.items);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert!(Page::of(&all, Some("99"), 3).unwrap().items.is_empty());
        assert!(Page::of(&all, Some("x"), 3).is_err());
    }
}
