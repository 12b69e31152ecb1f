using System.Collections;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Offers the names of devices.</summary>
public sealed class DeviceCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => ComputeDevice.Names;
}
