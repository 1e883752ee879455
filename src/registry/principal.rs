//! Principals as Google compares them.

use std::borrow::Cow;

use super::names::Principal;
use super::project_ids;

impl Principal {
    /// The spelling in which Google returns it: e-mail addresses are compared without regard to case and returned in lower case.
    pub fn as_google(&self) -> Self {
        let text = self.as_str();
        let (kind, email) = text.split_once(':').unwrap_or((text, ""));
        if matches!(kind, "principal" | "principalSet") || !email.contains(|c: char| c.is_ascii_uppercase()) {
            return self.clone();
        }
        format!("{kind}:{}", email.to_ascii_lowercase()).parse().unwrap_or_else(|_| self.clone())
    }

    /// The parts of a Kubernetes ServiceAccount, which is a member of IAM by workload identity: the project of its cluster, and
    /// `NAMESPACE/NAME`.
    pub fn workload_identity(&self) -> Option<(Cow<'_, str>, &str)> {
        let name = self.as_str().strip_prefix("serviceAccount:")?.strip_suffix(']')?;
        let (pool, account) = name.split_once(".svc.id.goog[")?;
        Some((project_ids::of_address(pool)?, account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_of_pools_have_numbers_of_projects_and_workloads_their_namespace() {
        for good in [
            "serviceAccount:acme-shop-prod.svc.id.goog[shop/worker]",
            "serviceAccount:shop.example.com.svc.id.goog[shop/worker]",
            "serviceAccount:ci@shop.example.com.iam.gserviceaccount.com",
            "principal://iam.googleapis.com/locations/global/workforcePools/acme/subject/jane@example.com",
            "principal://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/shop/sa/worker",
            "principalSet://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/github/attribute.repository/acme/shop",
            "principalSet://cloudresourcemanager.googleapis.com/organizations/1",
        ] {
            let principal: Principal = good.parse().expect(good);
            assert_eq!(principal.as_google(), principal, "{good}");
        }
        for bad in [
            "serviceAccount:acme-shop-prod.svc.id.goog[shop]",
            "serviceAccount:acme-shop-prod.svc.id.goog[Shop/worker]",
            "serviceAccount:a@b.svc.id.goog[shop/worker]",
            "serviceAccount:example.com:shop.svc.id.goog[shop/worker]",
            "serviceAccount:shop..com.svc.id.goog[shop/worker]",
            "principal://iam.googleapis.com/projects/acme-prod/locations/global/workloadIdentityPools/github/subject/x",
            "principalSet://iam.googleapis.com/projects//locations/global/workloadIdentityPools/github/*",
            "principal:x",
        ] {
            assert!(bad.parse::<Principal>().is_err(), "{bad}");
        }
        let worker: Principal = "serviceAccount:acme-shop-prod.svc.id.goog[shop/worker]".parse().expect("a principal");
        assert_eq!(worker.workload_identity(), Some(("acme-shop-prod".into(), "shop/worker")));
        let worker: Principal =
            "serviceAccount:shop.example.com.svc.id.goog[shop/worker]".parse().expect("a principal");
        assert_eq!(worker.workload_identity(), Some(("example.com:shop".into(), "shop/worker")));
        assert_eq!("serviceAccount:a@b.example".parse::<Principal>().expect("one").workload_identity(), None);
    }
}
