local project = (import 'anu/registry.libsonnet').project;

// Each department has a folder and a billing account.
local department(costCenter, folder, account) =
  function(id, name, tier)
    project.new(id, name)
    + project.mixin.withParent('folders/' + folder)
    + project.mixin.withBillingAccount(account)
    + project.mixin.withLabels({ 'cost-center': costCenter, tier: tier });

local banking = department('banking', '100200300400', '000000-AAAAAA-000000');
local shop = department('shop', '100200300500', '000000-BBBBBB-000000');
local logistics = department('logistics', '100200300500', '000000-BBBBBB-000000');
local data = department('data', '100200300600', '000000-CCCCCC-000000');

{
  makeItRainStaging: banking('gc-prd-make-it-stag-833e', 'make-it-rain staging', '3'),
  makeItRainProduction: banking('gc-prd-make-it-prod-1eb1', 'make-it-rain production', '2'),
  ledgerStaging: banking('gc-prd-ledger-stag-5c0d', 'ledger staging', '3'),
  ledgerProduction: banking('gc-prd-ledger-prod-a41f', 'ledger production', '1')
                    + project.mixin.withOwner('ledger')
                    + project.mixin.withSharedWith('statements'),
  storefrontProduction: shop('gc-prd-storefron-prod-90b2', 'storefront production', '1'),
  checkoutProduction: shop('gc-prd-checkout-prod-07e6', 'checkout production', '1'),
  parcelTrackingProduction: logistics('gc-prd-parcel-t-prod-d218', 'parcel-tracking production', '2'),
  warehouseProduction: data('gc-prd-warehous-prod-3b7a', 'warehouse production', '2'),

  // Projects that exist and are not anu's.
  catalog: project.existing('gc-prd-catalog-legacy') + project.mixin.withOwner('catalog'),
  shopStaging: project.existing('gc-prd-shop-staging') + project.mixin.withOwner('storefront'),
  computeBanking: project.existing('gc-prd-compute-banking'),
  computeShop: project.existing('gc-prd-compute-shop'),
  computeStaging: project.existing('gc-prd-compute-staging'),
}
