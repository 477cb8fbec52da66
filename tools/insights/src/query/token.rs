//! The words of the language.

use logos::Logos;

/// Keywords are no tokens: `filter` may be a field's name as well.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\f]+")]
#[logos(skip(r"#[^\n]*", allow_greedy = true))]
pub(super) enum Token {
    /// A command, a function, a keyword or a field: letters, digits, `_`, `@` and dots. Backticks hold anything.
    #[regex(r"[A-Za-z_@]([A-Za-z0-9_@]|\.[A-Za-z0-9_@])*(\.?`[^`\n]+`([A-Za-z0-9_@]|\.[A-Za-z0-9_@])*)*")]
    #[regex(r"`[^`\n]+`((\.?`[^`\n]+`)|[A-Za-z0-9_@]|\.[A-Za-z0-9_@])*")]
    Word,
    #[regex(r"[0-9]+[A-Za-z]+")]
    Period,
    #[regex(r"([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?", priority = 5)]
    Number,
    #[regex(r#""([^"\\]|\\.|\\\n)*""#)]
    #[regex(r"'([^'\\]|\\.|\\\n)*'")]
    Text,
    #[token("|")]
    Pipe,
    #[token(",")]
    Comma,
    #[token("(")]
    Open,
    #[token(")")]
    Close,
    #[token("[")]
    OpenBracket,
    #[token("]")]
    CloseBracket,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("=")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("=~")]
    Matches,
    #[token("<")]
    Less,
    #[token("<=")]
    LessOrEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterOrEqual,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    /// Division; where a pattern is expected, the beginning of a regular expression.
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("^")]
    Caret,
}
