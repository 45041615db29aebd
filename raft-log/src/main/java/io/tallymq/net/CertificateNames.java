package io.tallymq.net;

import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Whom a certificate is made out to: hosts and addresses of the subject's alternative names, and its common name. */
final class CertificateNames {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private CertificateNames() {}

    /** In lower case; addresses as {@link #normal} writes them. */
    static Set<String> of(X509Certificate certificate) {
        Set<String> names = new TreeSet<>(hosts(certificate));
        String common = commonName(certificate);
        if (common != null) {
            names.add(common.toLowerCase(Locale.ROOT));
        }
        return names;
    }

    /** Without the common name: what somebody who dials a host may find it by. */
    static Set<String> hosts(X509Certificate certificate) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> each : alternatives) {
                    int kind = (Integer) each.get(0);
                    if (kind == DNS || kind == ADDRESS) {
                        names.add(normal((String) each.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return names; // none that can be read
        }
        return names;
    }

    /** Whether one of {@code names}, which may begin with {@code *.}, is {@code host}. */
    static boolean match(Set<String> names, String host) {
        String wanted = normal(host);
        int dot = wanted.indexOf('.');
        boolean wild = dot > 0 && !isAddress(wanted) && names.contains("*" + wanted.substring(dot));
        return wild || names.contains(wanted);
    }

    private static String commonName(X509Certificate certificate) {
        try {
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    return String.valueOf(rdn.getValue());
                }
            }
        } catch (InvalidNameException e) {
            return null;
        }
        return null;
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    /** One spelling for each host: lower case, and an IPv6 address in Netty's, without brackets or a zone. */
    static String normal(String host) {
        String text = host.toLowerCase(Locale.ROOT).replace("[", "").replace("]", "");
        int zone = text.indexOf('%');
        text = zone < 0 ? text : text.substring(0, zone);
        if (text.indexOf(':') < 0) {
            return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        return bytes == null ? text : NetUtil.bytesToIpAddress(bytes);
    }
}
