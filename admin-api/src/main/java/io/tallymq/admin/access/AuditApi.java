package io.tallymq.admin.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.view.AccessView.AuditEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** /api/audit: what administrators changed, the newest first; {@code name} looks at what was changed. */
public final class AuditApi {
    private final AdminContext context;

    public AuditApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.of("/api/audit", Lane.STATE, this::audit));
    }

    private Answer audit(ApiRequest request) {
        List<AuditEntry> entries = new ArrayList<>(context.access().audit());
        Collections.reverse(entries);
        return Listing.of(request.target())
                .render(Listing.Source.of(entries.iterator(), AuditEntry::subject, AuditApi::row), context.held());
    }

    private static ObjectNode row(AuditEntry entry) {
        return Json.object()
                .put("number", entry.number())
                .put("time", Instant.ofEpochMilli(entry.time()).toString())
                .put("timestamp", entry.time())
                .put("by", entry.by())
                .put("from", entry.from())
                .put("what", entry.what())
                .put("subject", entry.subject());
    }
}
