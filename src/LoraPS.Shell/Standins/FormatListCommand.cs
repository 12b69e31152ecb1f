using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace LoraPS.Shell.Standins;

/// <summary>Stand-in for Format-List.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    /// <summary>Makes the cmdlet.</summary>
    public FormatListCommand() => EngineInternals.UseShape(this, "List");
}
