//! Messages on a stream: a head that says how long they are, and JSON.
//!
//! Reading is our own, and not that of `lsp-server`, which believes any length and ends at the first message that is none: an
//! editor may be wrong once and stay connected.

use std::io::{self, BufRead, Read as _, Write};
use std::sync::mpsc::Sender;

use lsp_server::{ErrorCode, Message, RequestId};
use serde_json::{Value as Json, json};

/// The longest message that is read, in bytes: a text of the largest size, each byte of it escaped, and room for the rest.
const LONGEST: usize = 8 * sovereign_text::source::MAX_BYTES;

/// What comes from the client.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// What is none, with the answer to it.
    Broken(Json),
    /// Nothing more: the stream has ended, or nobody can tell any more where a message begins.
    Closed,
}

/// Reads messages until the stream ends, and hands each on.
pub(crate) fn read<E: From<Incoming>>(input: &mut dyn BufRead, to: &Sender<E>) {
    loop {
        let incoming = frame(input).map_or(Incoming::Closed, |body| understood(&body));
        let is_last = match &incoming {
            Incoming::Closed => true,
            Incoming::Message(Message::Notification(notification)) => notification.method == "exit",
            Incoming::Message(Message::Request(_) | Message::Response(_)) | Incoming::Broken(_) => false,
        };
        if to.send(incoming.into()).is_err() || is_last {
            return;
        }
    }
}

/// Returns the next body; `None` at the end of the stream, or where its length cannot be known.
fn frame(input: &mut dyn BufRead) -> Option<Vec<u8>> {
    const LONGEST_HEAD: u64 = 4096;
    let mut length = None;
    let mut head = input.take(LONGEST_HEAD);
    loop {
        let mut line = Vec::new();
        head.read_until(b'\n', &mut line).ok().filter(|read| *read > 0)?;
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let length = length.filter(|length| *length <= LONGEST)?;
    let mut body = Vec::new();
    input.take(u64::try_from(length).ok()?).read_to_end(&mut body).ok().filter(|read| *read == length)?;
    Some(body)
}

fn understood(body: &[u8]) -> Incoming {
    let json: Json = match serde_json::from_slice(body) {
        Ok(json) => json,
        Err(error) => return refused(&Json::Null, ErrorCode::ParseError, &format!("no JSON: {error}")),
    };
    let id = json.get("id").filter(|id| id.is_i64() || id.is_string()).cloned().unwrap_or(Json::Null);
    match serde_json::from_value(json) {
        Ok(message) => Incoming::Message(message),
        Err(_) => refused(&id, ErrorCode::InvalidRequest, "neither a request, a response nor a notification"),
    }
}

fn refused(id: &Json, code: ErrorCode, words: &str) -> Incoming {
    let error = json!({ "code": code as i32, "message": words });
    Incoming::Broken(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

/// Writes a message that has the form of none of the library's.
pub(crate) fn write(output: &mut dyn Write, message: &Json) -> io::Result<()> {
    body(output, &message.to_string())
}

/// Writes the answer to a request. Its result is JSON already.
pub(crate) fn result(output: &mut dyn Write, id: &RequestId, result: &str) -> io::Result<()> {
    let id = serde_json::to_string(id)?;
    body(output, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#))
}

fn body(output: &mut dyn Write, text: &str) -> io::Result<()> {
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(stream: &str) -> Vec<Incoming> {
        let (to, from) = std::sync::mpsc::channel();
        read::<Incoming>(&mut io::Cursor::new(stream.to_owned()), &to);
        drop(to);
        from.into_iter().collect()
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn what_is_no_message_is_answered_and_the_next_one_is_read() {
        let stream = [
            framed("{"),
            framed(r#"{"id": 7, "method": 3}"#),
            framed("[]"),
            framed(r#"{"id": 1, "method": "shutdown"}"#),
        ];
        let codes: Vec<_> = incoming(&stream.concat())
            .iter()
            .map(|incoming| match incoming {
                Incoming::Broken(answer) => (answer["id"].clone(), answer["error"]["code"].clone()),
                Incoming::Message(message) => {
                    (json!("message"), json!(matches!(message, Message::Request(_))))
                }
                Incoming::Closed => (json!("closed"), Json::Null),
            })
            .collect();
        assert_eq!(
            codes,
            [
                (Json::Null, json!(-32700)),
                (json!(7), json!(-32600)),
                (Json::Null, json!(-32600)),
                (json!("message"), json!(true)),
                (json!("closed"), Json::Null),
            ]
        );
    }

    #[test]
    fn a_length_that_nobody_can_believe_ends_the_stream() {
        for head in [
            "Content-Length: 99999999999999999999\r\n\r\n",
            "Content-Length: 4000000000\r\n\r\nx",
            "x\r\n\r\n{}",
        ] {
            assert!(matches!(incoming(head)[..], [Incoming::Closed]), "{head}");
        }
        let endless = "a".repeat(1 << 20);
        assert!(matches!(incoming(&endless)[..], [Incoming::Closed]));
    }
}
