using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace LoraPS.Shell.Hosting;

/// <summary>The console as PowerShell's engine sees it.</summary>
public sealed class ShellHost : PSHost
{
    private readonly ShellUserInterface _ui = new();

    /// <summary>The number a script gave to <c>exit</c>; null while none did.</summary>
    public int? ExitCode { get; private set; }

    /// <inheritdoc/>
    public override string Name => "LoraPS.Shell";

    /// <inheritdoc/>
    public override Version Version => PSVersionInfo.PSVersion;

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    /// <inheritdoc/>
    public override PSHostUserInterface UI => _ui;

    /// <inheritdoc/>
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    /// <inheritdoc/>
    public override void EnterNestedPrompt() => throw new PSNotSupportedException("LoraPS.Shell has no interactive prompt.");

    /// <inheritdoc/>
    public override void ExitNestedPrompt() => throw new PSNotSupportedException("LoraPS.Shell has no interactive prompt.");

    /// <inheritdoc/>
    public override void NotifyBeginApplication()
    {
    }

    /// <inheritdoc/>
    public override void NotifyEndApplication()
    {
    }
}
