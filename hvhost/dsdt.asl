// SPDX-License-Identifier: GPL-2.0
// The machine as ACPI names it: how to sleep, the VMBus, one serial port.
DefinitionBlock ("", "DSDT", 2, "HVHOST", "HVHOST", 1)
{
    // Soft off. The first value goes into the sleep control register.
    Name (\_S5, Package () { 5, 5, 0, 0 })

    Scope (\_SB)
    {
        // Windows that VMBus devices with memory of their own may use.
        Device (VMOD)
        {
            Name (_HID, "ACPI0004")
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate ()
            {
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
                    Cacheable, ReadWrite, 0,
                    0xF8000000, 0xFEBFFFFF, 0, 0x06C00000)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
                    Cacheable, ReadWrite, 0,
                    0x1000000000, 0x10FFFFFFFF, 0, 0x100000000)
            })

            Device (VMBS)
            {
                // Not an id that ACPI allows, and iasl says so unless a
                // method returns it; but it is the one guests look for.
                Name (VMID, "VMBus")
                Method (_HID) { Return (VMID) }
                Name (_UID, 0)
                Name (_STA, 0xF)
                // Nothing of use, but guests that find none do not look at the
                // windows above either.
                Name (_CRS, ResourceTemplate () { VendorShort () { 0 } })
            }
        }

        // The clock, without an alarm interrupt.
        Device (RTC0)
        {
            Name (_HID, EisaId ("PNP0B00"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x70, 0x70, 1, 2)
            })
        }

        // Must be here: a hardware-reduced machine has no legacy IRQ 4.
        Device (COM1)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_UID, 1)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x3F8, 0x3F8, 1, 8)
                IRQ (Edge, ActiveHigh, Exclusive) { 4 }
            })
        }
    }
}
