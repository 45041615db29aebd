package io.tallymq.tally.certs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.certs.CertificateMaker.Validity;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the certificates that nodes show each other; asks no node. */
@Command(
        name = "certs",
        sortOptions = false,
        header = "Makes an authority and certificates for nodes, as PEM files.",
        description = {
            "",
            "ca.pem goes to all nodes (tls.authorities); NODE.pem and NODE-key.pem to that node (tls.certificate, tls.key)."
                    + " ca-key.pem stays here: who has it can make nodes. The authority is used again if it is there."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally certs --dir certs n1=10.0.0.1 n2=10.0.0.2 n3=10.0.0.3,broker3.example",
            "  tally certs --dir certs --force --days 90 n1=10.0.0.1       a new one in time: the node takes it within 10 s"
        })
public final class CertsCommand extends ApiCommand {
    private static final int YEARS_3 = 1_095;
    private static final int YEARS_10 = 3_650;
    private static final int MOST_DAYS = 36_500;

    @Parameters(
            paramLabel = "NODE=HOST[,HOST...]",
            arity = "1..*",
            description = "A node's name, and its host as it stands in cluster.peers; more hosts for clients that call"
                    + " it otherwise.")
    private List<String> nodes;

    @Option(names = "--dir", paramLabel = "DIR", defaultValue = "certs", description = "Where to (default: certs).")
    private Path directory;

    @Option(names = "--days", paramLabel = "N", description = "How long certificates are good (default: 1095).")
    private int days = YEARS_3;

    @Option(names = "--ca-days", paramLabel = "N", description = "How long an authority made now is (default: 3650).")
    private int authorityDays = YEARS_10;

    @Option(names = "--force", description = "Make a node's files anew that are there. Never the authority's.")
    private boolean force;

    @Override
    protected void run() {
        Map<String, List<String>> hosts = hosts();
        Validity validity = validity("--days", days);
        Validity authority = validity("--ca-days", authorityDays);
        CertificateMaker maker = new CertificateMaker(directory);
        List<String> made = new ArrayList<>();
        try {
            if (maker.makeAuthority(authority)) {
                made.add("ca");
                out().line("made " + maker.authority() + " and its key: keep the key where nobody else gets at it");
            }
            for (Map.Entry<String, List<String>> node : hosts.entrySet()) {
                maker.make(node.getKey(), node.getValue(), validity, force);
                made.add(node.getKey());
                out().line("made " + maker.certificate(node.getKey()) + " for " + String.join(", ", node.getValue()));
            }
        } catch (IOException e) {
            throw Failure.refused(e.getMessage());
        } finally {
            if (out().isJson()) {
                tell(maker, made);
            }
        }
    }

    private void tell(CertificateMaker maker, List<String> made) {
        ArrayNode rows = Output.array();
        made.forEach(name -> rows.addObject()
                .put("name", name)
                .put("certificate", maker.certificate(name).toString())
                .put("key", maker.key(name).toString()));
        out().json(Output.object().set("made", rows));
    }

    private Validity validity(String option, int value) {
        if (value < 1 || value > MOST_DAYS) {
            throw usage(option + " has to be 1 to " + MOST_DAYS);
        }
        return Validity.days(value);
    }

    private Map<String, List<String>> hosts() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (String node : nodes) {
            int equals = node.indexOf('=');
            if (equals < 1) {
                throw usage("'" + node + "' is not NODE=HOST, like n1=10.0.0.1");
            }
            List<String> hosts = List.of(node.substring(equals + 1).split(",", -1));
            if (all.put(node.substring(0, equals), hosts) != null) {
                throw usage("the node '" + node.substring(0, equals) + "' is named twice");
            }
        }
        return all;
    }
}
