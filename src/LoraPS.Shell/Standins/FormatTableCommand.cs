using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace LoraPS.Shell.Standins;

/// <summary>Stand-in for Format-Table.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    /// <summary>Makes the cmdlet.</summary>
    public FormatTableCommand() => EngineInternals.UseShape(this, "Table");
}
