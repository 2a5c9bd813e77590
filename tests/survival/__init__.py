"""What survives kill -9, full disks, lost connections and crowds: nothing acknowledged is lost, nothing half there."""
