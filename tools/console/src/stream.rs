//! Pages that are sent while they are made: the frame first, then what is known, piece after piece.

use std::{convert::Infallible, sync::Arc};

use anyhow::Result;
use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use futures::{future::LocalBoxFuture, stream};
use maud::Markup;
use tokio::{runtime::Handle, sync::mpsc};

use crate::{answer::Shown, app::App, ask::Ask, layout};

/// Pieces that a slow reader has not taken yet.
const AHEAD: usize = 8;

/// Takes a page's pieces.
#[derive(Debug)]
pub(crate) struct Sender {
    app: Arc<App>,
    ask: Ask,
    pieces: mpsc::Sender<String>,
    /// What ends the page, once it has begun.
    end: Option<String>,
}

impl Sender {
    /// The frame with the page's title, and its first piece. From here on the answer's status is 200, whatever comes.
    pub(crate) async fn begin(&mut self, title: &str, first: Markup) {
        let (before, after) = layout::frame(&self.app, &self.ask, title).await;
        self.end = Some(after);
        self.send(before + &first.into_string()).await;
    }

    pub(crate) async fn more(&self, piece: Markup) {
        self.send(piece.into_string()).await;
    }

    async fn send(&self, piece: String) {
        // A reader who has left needs no more of it.
        let _ = self.pieces.send(piece).await;
    }
}

/// Makes a page, and sends what it has of it.
pub(crate) type Make = for<'a> fn(&'a App, &'a Ask, &'a mut Sender) -> LocalBoxFuture<'a, Result<()>>;

/// Answers as soon as the page has begun. One that fails before that is answered as any other page that fails.
pub(crate) async fn answer(app: &Arc<App>, ask: &Ask, make: Make) -> Result<Response> {
    let (pieces, mut made) = mpsc::channel(AHEAD);
    let mut page = Sender { app: Arc::clone(app), ask: ask.clone(), pieces, end: None };
    // On a thread of its own: what a page asks is asked by futures that stay where they are.
    let task = tokio::task::spawn_blocking(move || {
        Handle::current().block_on(async move {
            let (app, ask) = (Arc::clone(&page.app), page.ask.clone());
            let result = make(&app, &ask, &mut page).await;
            match (result, page.end.take()) {
                (result, None) => result,
                (result, Some(end)) => {
                    if let Err(error) = result {
                        page.more(layout::problem(&app, &format!("{error:#}"))).await;
                    }
                    page.send(end).await;
                    Ok(())
                }
            }
        })
    });
    let Some(first) = made.recv().await else {
        task.await??;
        anyhow::bail!("the page has nothing to show");
    };
    let rest = stream::unfold((Some(first), made), |(first, mut made)| async move {
        let piece = match first {
            Some(first) => first,
            None => made.recv().await?,
        };
        Some((Ok::<_, Infallible>(piece), (None, made)))
    });
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((headers, Body::from_stream(rest)).into_response())
}

/// A page that is whole.
pub(crate) async fn whole(app: &App, ask: &Ask, shown: Shown) -> Response {
    let status: StatusCode = shown.status;
    (status, Html(layout::page(app, ask, shown).await.into_string())).into_response()
}
