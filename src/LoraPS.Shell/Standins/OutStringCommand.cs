using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace LoraPS.Shell.Standins;

/// <summary>Stand-in for Out-String.</summary>
[Cmdlet(VerbsData.Out, "String")]
[OutputType(typeof(string))]
public sealed class OutStringCommand : FrontEndCommandBase
{
    private readonly StringWriter _text = new();

    /// <summary>Characters a line; the console's width if not given.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Width { get; set; }

    /// <summary>Write one string a line instead of one string in all.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        EngineInternals.UseWriter(this, _text, Width > 0 ? Width : Host.UI.RawUI.BufferSize.Width);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        var text = _text.ToString();
        if (Stream)
            WriteObject(text.TrimEnd('\r', '\n').ReplaceLineEndings("\n").Split('\n'), enumerateCollection: true);
        else
            WriteObject(text);
    }
}
