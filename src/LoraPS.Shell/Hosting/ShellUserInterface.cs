using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace LoraPS.Shell.Hosting;

/// <summary>Shows what a pipeline writes: errors and progress on standard error, everything else on standard output.</summary>
/// <remarks>It never asks: a question that a script would put to a person is an error here.</remarks>
public sealed class ShellUserInterface : PSHostUserInterface
{
    private readonly ProgressLine _progress = new(Console.Error, isTerminal: !Console.IsErrorRedirected);

    /// <inheritdoc/>
    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    /// <inheritdoc/>
    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    /// <inheritdoc/>
    public override void Write(string value)
    {
        _progress.Clear();
        Console.Out.Write(GetOutputString(value, SupportsVirtualTerminal));
    }

    /// <inheritdoc/>
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        if (!SupportsVirtualTerminal || foregroundColor == RawUI.ForegroundColor)
            Write(value);
        else
            Write(PSStyle.Instance.Foreground.FromConsoleColor(foregroundColor) + value + PSStyle.Instance.Reset);
    }

    /// <inheritdoc/>
    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    /// <inheritdoc/>
    public override void WriteErrorLine(string value)
    {
        // The engine ends an error that spans lines with an empty one.
        if (string.IsNullOrEmpty(value))
            return;
        _progress.Clear();
        Console.Error.WriteLine(GetOutputString(value, supportsVirtualTerminal: !Console.IsErrorRedirected));
    }

    /// <inheritdoc/>
    public override void WriteWarningLine(string message) => WriteStyled(FormatStyle.Warning, "WARNING: " + message);

    /// <inheritdoc/>
    public override void WriteVerboseLine(string message) => WriteStyled(FormatStyle.Verbose, "VERBOSE: " + message);

    /// <inheritdoc/>
    public override void WriteDebugLine(string message) => WriteStyled(FormatStyle.Debug, "DEBUG: " + message);

    /// <inheritdoc/>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _progress.Show(record);
    }

    /// <inheritdoc/>
    public override string ReadLine() => throw NoQuestions("read a line");

    /// <inheritdoc/>
    public override SecureString ReadLineAsSecureString() => throw NoQuestions("read a secret");

    /// <inheritdoc/>
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw NoQuestions($"ask for {string.Join(", ", descriptions.Select(d => d.Name))}");

    /// <inheritdoc/>
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        throw NoQuestions($"ask '{message}'");

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw NoQuestions("ask for a credential");

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        throw NoQuestions("ask for a credential");

    private static HostException NoQuestions(string wish) =>
        new($"The script wants to {wish}, but LoraPS.Shell has no interactive prompt.");

    private void WriteStyled(FormatStyle style, string line) => WriteLine(
        SupportsVirtualTerminal ? GetFormatStyleString(style) + line + PSStyle.Instance.Reset : line);
}
