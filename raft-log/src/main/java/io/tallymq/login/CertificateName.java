package io.tallymq.login;

import io.tallymq.broker.access.NamePattern;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * By which of its names a client's certificate logs in (EXTERNAL). Of several common names the most specific one counts, of
 * several alternative names of a kind the first. Any thread.
 *
 * @param source where the name stands
 * @param rule what of it counts: its only group, if all of the name is as it says; null for the whole name
 */
public record CertificateName(Source source, NamePattern rule) {
    /** What RabbitMQ has by default is the whole subject; here it is its common name. */
    public static final CertificateName COMMON = new CertificateName(Source.COMMON_NAME, null);

    /** Names that a certificate may have. */
    public enum Source {
        COMMON_NAME,
        DISTINGUISHED_NAME,
        SAN_DNS,
        SAN_EMAIL,
        SAN_URI
    }

    /**
     * Kinds of subject alternative names, as X.509 numbers them (RFC 5280, 4.2.1.6).
     */
    private static final int EMAIL = 1;

    private static final int DNS = 2;
    private static final int URI = 6;

    /** @throws IllegalArgumentException for a rule without a group, or with several */
    public CertificateName {
        if (rule != null && rule.groups() != 1) {
            throw new IllegalArgumentException(
                    "it has " + rule.groups() + " groups in parentheses, and takes one: what is in it is the name");
        }
    }

    /** The user's name; null if the certificate has none of that kind, or the rule does not say so. */
    public String of(X509Certificate shown) {
        String whole = whole(shown);
        if (whole == null || whole.isEmpty()) {
            return null;
        }
        String name = rule == null ? whole : rule.captured(whole);
        return name == null || name.isEmpty() ? null : name;
    }

    private String whole(X509Certificate shown) {
        return switch (source) {
            case COMMON_NAME -> commonName(shown);
            case DISTINGUISHED_NAME -> shown.getSubjectX500Principal().getName();
            case SAN_DNS -> alternative(shown, DNS);
            case SAN_EMAIL -> alternative(shown, EMAIL);
            case SAN_URI -> alternative(shown, URI);
        };
    }

    /** The most specific one: others name what it is in, as CN=Users does in CN=ann,CN=Users,DC=corp. LdapName has that one last. */
    private static String commonName(X509Certificate shown) {
        try {
            List<Rdn> parts = new LdapName(shown.getSubjectX500Principal().getName()).getRdns();
            Attribute found = null;
            for (int i = parts.size() - 1; i >= 0 && found == null; i--) {
                found = parts.get(i).toAttributes().get("CN");
            }
            return found != null && found.get() instanceof String name ? name : null;
        } catch (NamingException e) {
            return null;
        }
    }

    private static String alternative(X509Certificate shown, int kind) {
        try {
            Collection<List<?>> all = shown.getSubjectAlternativeNames();
            return all == null
                    ? null
                    : all.stream()
                            .filter(name -> name.get(0).equals(kind))
                            .map(name -> (String) name.get(1))
                            .findFirst()
                            .orElse(null);
        } catch (CertificateParsingException e) {
            return null;
        }
    }
}
