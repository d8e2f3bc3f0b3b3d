use std::time::{Duration, Instant};

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn router(templates: &[&'static str]) -> Router<&'static str> {
    let mut router = Router::new();
    for text in templates {
        router.insert(Template::parse(text).unwrap(), *text).unwrap();
    }
    router
}

/// The template found, with its parameters as `name=value`.
fn found(router: &Router<&'static str>, path: &str) -> Option<(&'static str, Vec<String>)> {
    let (text, params) = router.find(path).unwrap()?;
    Some((text, params.iter().map(|(name, value)| format!("{name}={value}")).collect()))
}

#[test]
fn fourteen_endpoints_each_get_their_own_request() {
    let templates = [
        "/a",
        "/<a>",
        "/c/d",
        "/c/<d>",
        "/<c>/d",
        "/<c>/<d>",
        "/a/c/d",
        "/a/c/<d>",
        "/a/<c>/d",
        "/a/<c>/<d>",
        "/<a>/c/d",
        "/<a>/c/<d>",
        "/<a>/<c>/d",
        "/<a>/<c>/<d>",
    ];
    let requests = [
        "/a", "/x", "/c/d", "/c/x", "/x/d", "/x/y", "/a/c/d", "/a/c/x", "/a/x/d", "/a/x/y",
        "/x/c/d", "/x/c/y", "/x/y/d", "/x/y/z",
    ];
    // In both orders: the order of adding decides nothing.
    let backwards = templates.iter().rev().copied().collect::<Vec<_>>();
    for router in [router(&templates), router(&backwards)] {
        for (template, request) in iter::zip(templates, requests) {
            assert_eq!(found(&router, request).map(|(text, _)| text), Some(template), "{request}");
        }
        assert_eq!(found(&router, "/a/c/d/e"), None);
    }
}

#[test]
fn rank_and_spelling() {
    type Found = Option<(&'static str, &'static [&'static str])>;
    let table: [(&[&str], &str, Found); _] = [
        // A branch that fails is given up for the next.
        (&["/a/b/c", "/a/<x>/d"], "/a/b/d", Some(("/a/<x>/d", &["x=b"]))),
        (&["/a/b/c", "/<x>/b/d"], "/a/b/d", Some(("/<x>/b/d", &["x=a"]))),
        (&["/b/<x>", "/<x>/d"], "/b/d", Some(("/b/<x>", &["x=d"]))),
        (&["/a/<x>/c", "/a/<x>/<y>"], "/a/b/c", Some(("/a/<x>/c", &["x=b"]))),
        // A rest is the weakest at its place, but an exact segment further left goes first.
        (&["/a/<r..>", "/a/<x>"], "/a/b", Some(("/a/<x>", &["x=b"]))),
        (&["/a/<r..>", "/a/b"], "/a/b", Some(("/a/b", &[]))),
        (&["/a/<r..>", "/<x>/b"], "/a/b", Some(("/a/<r..>", &["r=b"]))),
        (&["/<r..>", "/a/b"], "/a/c", Some(("/<r..>", &["r=a/c"]))),
        (&["/a/<x>/<r..>"], "/a/b/c/d", Some(("/a/<x>/<r..>", &["x=b", "r=c/d"]))),
        (&["/f/<r..>"], "/f/a%20b/c", Some(("/f/<r..>", &["r=a b/c"]))),
        (&["/f/<r..>"], "/f/a/", Some(("/f/<r..>", &["r=a/"]))),
        (&["/f/<r..>"], "/f/", None),
        (&["/f/<r..>"], "/f", None),
        (&["/f/<r..>"], "/f//a", None),
        (&["/f/<r..>"], "/f/a//b", None),
        (&["/f/<r..>"], "/f/..%2F..%2Fetc", None),
        (&["/f/<r..>"], "/f/a%2Fb", None),
        // A trailing slash makes another path.
        (&["/a"], "/a/", None),
        (&["/a/"], "/a", None),
        (&["/a/"], "/a/", Some(("/a/", &[]))),
        (&["/a", "/a/"], "/a/", Some(("/a/", &[]))),
        (&["/<x>/"], "/a/", Some(("/<x>/", &["x=a"]))),
        (&["/"], "/", Some(("/", &[]))),
        (&["/"], "/a", None),
        // A parameter is never empty.
        (&["/<x>"], "/", None),
        (&["/a/<x>"], "/a/", None),
        (&["/a/<x>/b"], "/a//b", None),
        (&["/a"], "//a", None),
        (&["/<x>/a"], "//a", None),
        // Decoded once, after splitting.
        (&["/c/<x>"], "/c/a%2Fb", Some(("/c/<x>", &["x=a/b"]))),
        (&["/c/<x>"], "/c/a%252Fb", Some(("/c/<x>", &["x=a%2Fb"]))),
        (&["/c/<x>"], "/c/%252e", Some(("/c/<x>", &["x=%2e"]))),
        (&["/c/<x>"], "/c/a+b;x=1", Some(("/c/<x>", &["x=a+b;x=1"]))),
        (&["/c/<x>"], "/c/...", Some(("/c/<x>", &["x=..."]))),
        (&["/c/d", "/c/<x>"], "/%63/%64", Some(("/c/d", &[]))),
        (&["/café"], "/caf%C3%A9", Some(("/café", &[]))),
        (&["/c/d"], "/c%2Fd", None),
        (&["/c/d"], "/c/d;x=1", None),
        (&["/c/d"], "/C/d", None),
        // Walking matches nothing, in no spelling.
        (&["/a", "/<x>/<y>"], "/b/../a", None),
        (&["/<x>"], "/..", None),
        (&["/<x>"], "/%2e%2e", None),
        (&["/<x>"], "/.%2E", None),
        (&["/<x>"], "/%2e", None),
        (&["/<r..>"], "/a/%2e%2e/b", None),
        (&["/<x>/<y>"], "/./b", None),
    ];
    for (templates, path, wanted) in table {
        let wanted =
            wanted.map(|(text, params)| (text, params.iter().map(ToString::to_string).collect()));
        assert_eq!(found(&router(templates), path), wanted, "{templates:?} {path}");
    }
}

#[test]
fn a_malformed_path_is_invalid_whatever_the_templates() {
    for router in [router(&[]), router(&["/<x>", "/<r..>"])] {
        for path in
            ["/%", "/a%2", "/%zz", "/%00", "/a/\0", "/%ff", "/%c0%af", "*", "", "a", "/../%"]
        {
            assert_eq!(router.find(path).err(), Some(InvalidPath), "{path:?}");
        }
    }
}

#[test]
fn an_equivalent_template_is_given_back() {
    let mut router = router(&["/a/<x>", "/f/<x..>"]);
    assert_eq!(router.insert(Template::parse("/a/<y>").unwrap(), "second"), Err("second"));
    assert_eq!(router.insert(Template::parse("/f/<y..>").unwrap(), "second"), Err("second"));
    assert_eq!(router.insert(Template::parse("/f/<y>").unwrap(), "second"), Ok(()));
    assert_eq!(found(&router, "/a/b").unwrap().0, "/a/<x>");
}

#[test]
fn a_long_value_is_kept_whole() {
    let value = "v".repeat(8 * 1024);
    let router = router(&["/c/<x>"]);
    let (_, params) = router.find(&format!("/c/{value}")).unwrap().unwrap();
    assert_eq!(params.get("x"), Some(&*value));
}

/// Paths that lead into as many dead ends as the templates have, and paths that are much longer
/// than any template: neither time nor stack may grow with them.
#[test]
fn no_path_makes_the_search_explode() {
    let mut router = Router::new();
    let depth = 40;
    for place in 0..depth {
        for (kind, end) in [("a", "x"), ("<p>", "y")] {
            let mut parts = vec!["a".to_owned(); depth];
            for (i, part) in parts.iter_mut().enumerate().skip(place) {
                *part = if kind == "a" { "a".into() } else { format!("<p{i}>") };
            }
            let text = format!("/{}/{end}{place}", parts.join("/"));
            router.insert(Template::parse(&text).unwrap(), ()).unwrap();
        }
    }
    let begin = Instant::now();
    let short = format!("/{}/z", vec!["a"; depth].join("/"));
    let long = format!("/{}", vec!["a"; 1_000_000].join("/"));
    for path in [short, long, "/".repeat(1_000_000)] {
        assert!(router.find(&path).unwrap().is_none());
    }
    assert!(begin.elapsed() < Duration::from_secs(20));
}

/// What the rules say, word by word: of all templates that fit, the one whose segments are the
/// most exact, compared from the left. 0 is exact, 1 a parameter, 2 a rest.
fn reference<'a>(templates: &[&'a str], path: &str) -> Option<(&'a str, Vec<String>)> {
    let path = path[1..].split('/').collect::<Vec<_>>();
    let fits = |template: &'a str| {
        let parts = template[1..].split('/').collect::<Vec<_>>();
        let mut ranks = Vec::new();
        let mut values = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let here = path.get(i)?;
            if part.contains("..") {
                let tail = &path[i..];
                let whole = tail.iter().take(tail.len() - 1).all(|s| !s.is_empty());
                (whole && !here.is_empty()).then_some(())?;
                ranks.push(2);
                values.push(tail.join("/"));
                return Some((ranks, template, values));
            } else if part.starts_with('<') {
                (!here.is_empty()).then_some(())?;
                ranks.push(1);
                values.push((*here).to_owned());
            } else {
                (part == here).then_some(())?;
                ranks.push(0);
            }
        }
        (parts.len() == path.len()).then_some((ranks, template, values))
    };
    templates
        .iter()
        .filter_map(|template| fits(template))
        .min_by(|one, other| one.0.cmp(&other.0))
        .map(|(_, template, values)| (template, values))
}

/// Templates over a small alphabet, so that they meet often.
fn template() -> impl Strategy<Value = String> {
    let segment = select(vec!["a", "b", "<>", "<>"]);
    (vec(segment, 0..4), select(vec!["", "", "/", "/<r..>"])).prop_map(|(parts, end)| {
        let mut text = String::new();
        for (i, part) in parts.iter().enumerate() {
            match *part {
                "<>" => text.push_str(&format!("/<p{i}>")),
                literal => text.push_str(&format!("/{literal}")),
            }
        }
        if text.is_empty() && end.is_empty() { "/".into() } else { text + end }
    })
}

proptest! {
    #[test]
    fn the_router_finds_what_the_rules_say(
        texts in vec(template(), 0..12),
        paths in vec(vec(select(vec!["a", "b", "c", ""]), 1..6), 1..20),
    ) {
        let mut router = Router::new();
        let mut kept = Vec::new();
        for text in &texts {
            if router.insert(Template::parse(text).unwrap(), text.as_str()).is_ok() {
                kept.push(text.as_str());
            }
        }
        for path in paths {
            let path = format!("/{}", path.join("/"));
            let found = router.find(&path).unwrap().map(|(text, params)| {
                (*text, params.iter().map(|(_, value)| value.to_owned()).collect::<Vec<_>>())
            });
            prop_assert_eq!(found, reference(&kept, &path), "{} in {:?}", path, kept);
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,40}", path in "/?[a-c/%.0-9]{0,30}") {
        let mut router = Router::new();
        router.insert(Template::parse("/<x>/<r..>").unwrap(), ()).unwrap();
        if let Ok(template) = Template::parse(&text) {
            let _ = router.insert(template, ());
        }
        let _ = router.find(&path);
        let _ = router.find(&text);
    }
}
