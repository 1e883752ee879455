data "anu_registry_service" "make_it_rain" {
  name = "make-it-rain"
}

output "make_it_rain" {
  value = data.anu_registry_service.make_it_rain
}
