# By the service's name in the registry. The state then contains the desired resources that exist on the platform.
terraform import 'anu_registry_service.this["make-it-rain"]' make-it-rain
