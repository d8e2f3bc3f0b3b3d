//! HTTP proxies: which one a target is reached through, and the tunnel that it opens.

use std::{env, fmt};

use http::{
    HeaderMap, HeaderValue, Method, Request, Uri,
    header::{HOST, PROXY_AUTHORIZATION},
    response::Parts,
};
use hyper_util::client::proxy::matcher::Matcher;
use tokio::{net::TcpStream, time::Instant};

use super::{
    Client, Config,
    address::{Unreachable, reach},
    connect::within,
    dial::{Answer, ask},
    error::{ConnectError, HandshakeFault, ProxyError, Step},
    request::basic,
    stream::Stream,
    url::{Target, place},
};

impl Client {
    /// Reaches the server through this HTTP proxy: `http://[user[:password]@]host[:port]`. The port
    /// is 80 if there is none; user and password become `Proxy-Authorization: Basic`, which the
    /// server never sees. `ws` and `wss` alike go through a tunnel (`CONNECT`), and TLS inside of it
    /// is with the server. The proxy looks up the server's name.
    ///
    /// [`Session::peer`](crate::Session::peer) is the proxy.
    ///
    /// ```
    /// use wsframe::Client;
    ///
    /// let client = Client::new("ws://feed.example/").proxy("http://ann:secret@proxy.internal:3128");
    /// # let _ = client;
    /// ```
    ///
    /// Specification: RFC 9110 section 9.3.6, RFC 6455 section 4.1.
    pub fn proxy(self, url: impl Into<String>) -> Self {
        self.set(|config| config.proxy = Proxying::Always(url.into()))
    }

    /// Takes the proxy from the environment, as it is now: `https_proxy` where the URL is `wss`,
    /// `http_proxy` where it is `ws`, else `all_proxy`; none for the hosts in `no_proxy`. The names
    /// in capitals count as well, after those in small letters, and what is empty counts as not set.
    /// `HTTP_PROXY` in capitals counts for nothing where `REQUEST_METHOD` is set: there it comes
    /// from a request header.
    ///
    /// `no_proxy` is a list with commas: names with all that is below them, addresses, networks
    /// (`10.0.0.0/8`), `*` for everything.
    ///
    /// Without this call the environment counts for nothing: which way a program's connections go,
    /// and who reads along, is not to change with a variable that somebody set for another program.
    pub fn proxy_from_env(self) -> Self {
        let read = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        self.set(|config| config.proxy = Proxying::Environment(Environment::read(read)))
    }

    /// Reaches the server directly: takes back [`proxy`](Self::proxy) and
    /// [`proxy_from_env`](Self::proxy_from_env). The default.
    pub fn no_proxy(self) -> Self {
        self.set(|config| config.proxy = Proxying::Never)
    }
}

/// Which proxy is to be used.
#[derive(Clone, Default)]
pub(super) enum Proxying {
    #[default]
    Never,
    /// This URL's.
    Always(String),
    Environment(Environment),
}

/// What the environment says: URLs and a list.
#[derive(Clone, Default)]
pub(super) struct Environment {
    plain: Option<String>,
    secure: Option<String>,
    all: Option<String>,
    none: Option<String>,
}

impl fmt::Debug for Proxying {
    /// Without the URLs, which may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Never => "Never",
            Self::Always(_) => "Always",
            Self::Environment(_) => "Environment",
        })
    }
}

impl Environment {
    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let either = |name: &str| set(name).or_else(|| set(&name.to_ascii_uppercase()));
        let in_cgi = variable("REQUEST_METHOD").is_some();
        Self {
            plain: if in_cgi { set("http_proxy") } else { either("http_proxy") },
            secure: either("https_proxy"),
            all: either("all_proxy"),
            none: either("no_proxy"),
        }
    }

    /// The URL of the proxy for this target.
    fn proxy(&self, target: &Target) -> Option<&str> {
        let url = if target.secure { &self.secure } else { &self.plain };
        let url = url.as_ref().or(self.all.as_ref())?;
        let spared = self.none.as_ref().is_some_and(|list| spares(list, target));
        (!spared).then_some(url)
    }
}

/// Whether the target is on the list of those that are reached directly.
fn spares(list: &str, target: &Target) -> bool {
    if list.split(',').any(|item| item.trim() == "*") {
        return true; // the matcher would not let it count for addresses
    }
    // The matcher knows what the list means. Which proxy it would choose is of no interest.
    let matcher = Matcher::builder().all("http://proxy").no(list).build();
    let of_target =
        Uri::builder().scheme("http").authority(target.host_and_port()).path_and_query("/").build();
    of_target.is_ok_and(|uri| matcher.intercept(&uri).is_none())
}

/// A proxy that can be asked.
#[derive(Debug)]
struct Proxy {
    host: String,
    port: u16,
    authorization: Option<HeaderValue>,
}

impl Proxying {
    fn proxy(&self, target: &Target) -> Result<Option<Proxy>, ProxyError> {
        let url = match self {
            Self::Never => None,
            Self::Always(url) => Some(&**url),
            Self::Environment(environment) => environment.proxy(target),
        };
        url.map(Proxy::parse).transpose()
    }
}

impl Config {
    /// A socket to the target: its own, or one that a proxy passes on.
    pub(super) async fn reach(
        &self,
        target: &Target,
        deadline: Instant,
    ) -> Result<TcpStream, ConnectError> {
        let Some(proxy) = self.proxy.proxy(target)? else {
            let reaching = reach(&target.host, target.port, self.local_address);
            return within(deadline, Step::Connect, reaching).await?.map_err(|error| match error {
                Unreachable::Dns(error) => ConnectError::Dns(error),
                Unreachable::Connect(error) => ConnectError::Connect(error),
            });
        };
        let reaching = reach(&proxy.host, proxy.port, self.local_address);
        let tcp = within(deadline, Step::Proxy, reaching).await?.map_err(|error| match error {
            Unreachable::Dns(error) => ProxyError::Dns(error),
            Unreachable::Connect(error) => ProxyError::Connect(error),
        })?;
        proxy.tunnel(tcp, target, deadline).await
    }
}

impl Proxy {
    /// Reads `[http://][user[:password]@]host[:port][/]`; in an environment the scheme is often
    /// left out.
    fn parse(url: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(ProxyError::InvalidUrl("its scheme is not `http`"));
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err(ProxyError::InvalidUrl("it has more than a host and a port"));
        }
        let (credentials, authority) = place(rest).map_err(ProxyError::InvalidUrl)?;
        let authorization = credentials
            .map(|(user, password)| basic(&user, &password))
            .transpose()
            .map_err(ProxyError::InvalidUrl)?;
        let host = authority.host.trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port: authority.port.unwrap_or(80), authorization })
    }

    async fn tunnel(
        self,
        tcp: TcpStream,
        target: &Target,
        deadline: Instant,
    ) -> Result<TcpStream, ConnectError> {
        let request = self.request(target)?;
        let opens = |head: &Parts| head.status.is_success();
        let answer = ask(Stream::Tcp(tcp), request, deadline, opens, |_| false).await;
        match answer.map_err(|silence| silence.of_proxy())? {
            Answer::Open { stream: Stream::Tcp(tcp), early, .. } if early.is_empty() => Ok(tcp),
            // Nobody at the other end speaks before we do: the proxy has made it up.
            Answer::Open { .. } => Err(ProxyError::Answer(HandshakeFault::Trailing).into()),
            Answer::Other { head, body } => {
                let (status, headers) = (head.status, Box::new(head.headers));
                Err(ProxyError::Refused { status, headers, body }.into())
            }
        }
    }

    fn request(self, target: &Target) -> Result<Request<String>, ConnectError> {
        let invalid = || ConnectError::InvalidUrl("its host is none");
        let authority = target.host_and_port();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::try_from(&authority).map_err(|_| invalid())?);
        if let Some(authorization) = self.authorization {
            headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        let mut request = Request::new(String::new());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = Uri::try_from(authority).map_err(|_| invalid())?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let read =
            |name: &str| variables.iter().find(|set| set.0 == name).map(|set| set.1.to_owned());
        let target = Target::parse(url).unwrap();
        Environment::read(read).proxy(&target).map(str::to_owned)
    }

    #[test]
    fn the_environment_names_a_proxy() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<&'a str>);
        let table: [Case<'_>; 11] = [
            (&[], "ws://a/", None),
            (&[("http_proxy", "p")], "ws://a/", Some("p")),
            (&[("HTTP_PROXY", "p")], "ws://a/", Some("p")),
            (&[("HTTP_PROXY", "p"), ("http_proxy", "q")], "ws://a/", Some("q")),
            (&[("http_proxy", ""), ("all_proxy", "p")], "ws://a/", Some("p")),
            (&[("https_proxy", "p")], "ws://a/", None),
            (&[("ALL_PROXY", "p"), ("https_proxy", "q")], "ws://a/", Some("p")),
            // In CGI it is what a header of the request says.
            (&[("HTTP_PROXY", "p"), ("REQUEST_METHOD", "GET")], "ws://a/", None),
            (&[("http_proxy", "p"), ("REQUEST_METHOD", "")], "ws://a/", Some("p")),
            (&[("http_proxy", "p"), ("no_proxy", "a")], "ws://a/", None),
            (&[("http_proxy", "p"), ("NO_PROXY", "a")], "ws://b/", Some("p")),
        ];
        for (variables, url, wanted) in table {
            assert_eq!(of(variables, url).as_deref(), wanted, "{variables:?}");
        }
        if cfg!(feature = "tls") {
            let both = [("http_proxy", "p"), ("https_proxy", "q")];
            assert_eq!(of(&both, "wss://a/").as_deref(), Some("q"));
            let all = [("http_proxy", "p"), ("all_proxy", "q")];
            assert_eq!(of(&all, "wss://a/").as_deref(), Some("q"));
        }
    }

    #[test]
    fn a_list_spares_hosts() {
        let table = [
            ("example.org", "ws://example.org/", true),
            ("Example.ORG", "ws://example.org:81/", true),
            ("example.org", "ws://chat.example.org/", true),
            (".example.org", "ws://chat.example.org/", true),
            (".example.org", "ws://example.org/", true),
            ("example.org", "ws://notexample.org/", false),
            ("chat.example.org", "ws://example.org/", false),
            ("a, b ,c", "ws://b/", true),
            ("", "ws://b/", false),
            (",,", "ws://b/", false),
            ("*", "ws://b/", true),
            ("a,*", "ws://127.0.0.1/", true),
            ("*", "ws://[::1]/", true),
            ("127.0.0.1", "ws://127.0.0.1:9/", true),
            ("10.0.0.0/8", "ws://10.2.3.4/", true),
            ("10.0.0.0/8", "ws://11.2.3.4/", false),
            ("::1", "ws://[::1]:9/", true),
            ("fd00::/8", "ws://[fd12::1]/", true),
            ("fd00::/8", "ws://[::1]/", false),
        ];
        for (list, url, wanted) in table {
            assert_eq!(spares(list, &Target::parse(url).unwrap()), wanted, "{list:?}, {url}");
        }
    }

    #[test]
    fn a_proxy_is_a_host_and_a_port() {
        let table = [
            ("http://p", ("p", 80, false)),
            ("HTTP://p:3128/", ("p", 3128, false)),
            ("p:3128", ("p", 3128, false)),
            ("http://ann:x%40y@[::1]:8080", ("::1", 8080, true)),
        ];
        for (url, wanted) in table {
            let proxy = Proxy::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            let authorization = proxy.authorization.as_ref();
            assert_eq!((&*proxy.host, proxy.port, authorization.is_some()), wanted, "{url}");
        }
        let ann = Proxy::parse("ann:x%40y@p").unwrap();
        assert_eq!(ann.authorization.as_ref().unwrap(), "Basic YW5uOnhAeQ==");
        assert!(!format!("{ann:?}").contains("YW5uOnhAeQ"), "a secret is shown");
    }

    #[test]
    fn what_is_no_proxy_says_why() {
        for (url, word) in [
            ("socks5://p", "scheme"),
            ("https://p", "scheme"),
            ("http://p/x", "more"),
            ("http://p?x", "more"),
            ("http://", "host"),
            ("http://p:0", "port 0"),
            ("http://a%3Ab:c@p", "`:`"),
            ("http://a@b@p", "password"),
            ("pröxy", "punycode"),
        ] {
            match Proxy::parse(url) {
                Err(ProxyError::InvalidUrl(why)) => assert!(why.contains(word), "{url}: {why}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_request_names_host_and_port() {
        for (url, wanted) in [("ws://a/x?y", "a:80"), ("ws://[::1]:9/", "[::1]:9")] {
            let target = Target::parse(url).unwrap();
            let request = Proxy::parse("ann:x@p").unwrap().request(&target).unwrap();
            assert_eq!(request.uri().to_string(), wanted);
            assert_eq!(request.headers()[HOST], wanted);
            assert_eq!(request.headers()[PROXY_AUTHORIZATION], "Basic YW5uOng=");
        }
    }
}
