namespace LoraPS.Engine.Reports.Html;

/// <summary>How a page looks, in light and dark, from 360 pixels of width on.</summary>
internal static class Stylesheet
{
    /// <summary>The rules.</summary>
    public static Markup Text { get; } = Markup.Of(
        $$$"""
        :root{color-scheme:light dark;--bg:#fdfdfc;--panel:#f4f4f1;--ink:#1d1d1b;--muted:#5f5f5a;--line:#dcdcd6;--blue:#1f5f99;--orange:#b0470e;--green:#2c6e49;--low:#eef3f8;--high:#4f8fca}
        @media (prefers-color-scheme:dark){:root{--bg:#141517;--panel:#1d1f22;--ink:#e8e7e3;--muted:#a5a49e;--line:#34363a;--blue:#7ab6ee;--orange:#f2a05c;--green:#7cc59a;--low:#1b222a;--high:#2c679e}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;scroll-behavior:auto}
        body{margin:0 auto;padding:0 1rem 3rem;max-width:76rem;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
        header{padding-top:2rem}
        .kind{margin:0;color:var(--muted);font-size:.8rem;letter-spacing:.06em;text-transform:uppercase}
        h1{margin:.1rem 0 0;font-size:1.75rem;line-height:1.2;font-weight:650}
        h2{margin:0 0 .75rem;font-size:1.15rem;font-weight:650}
        h3{margin:1.5rem 0 .5rem;font-size:.95rem;font-weight:650}
        p{margin:.5rem 0}
        .sub,.note{color:var(--muted)}
        .note{font-size:.87rem;max-width:70ch}
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:1px;margin:1.25rem 0;padding:1px;overflow:hidden}
        .figures div{padding:.55rem .75rem;background:var(--bg);outline:1px solid var(--line)}
        dt{color:var(--muted);font-size:.8rem}
        dd{margin:0;font-variant-numeric:tabular-nums}
        .figures dd{font-size:1.15rem;font-weight:600}
        nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding-bottom:1rem;font-size:.9rem}
        a{color:var(--blue)}
        section{padding:1.5rem 0;border-top:1px solid var(--line)}
        footer{padding-top:1rem;border-top:1px solid var(--line);color:var(--muted);font-size:.8rem}
        .scroll{overflow-x:auto;max-width:100%;margin:.5rem 0 1rem}
        .scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
        table{border-collapse:collapse;min-width:100%;font-size:.87rem;font-variant-numeric:tabular-nums}
        caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        th,td{padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:normal}
        th{color:var(--muted);font-weight:500;white-space:nowrap}
        th.n,td.n{text-align:right;white-space:nowrap}
        td.t{white-space:nowrap}
        td.w{min-width:14rem;overflow-wrap:anywhere}
        th:last-child,td:last-child{padding-right:0}
        code,.hash{font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        .hash{overflow-wrap:anywhere}
        pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;max-height:16rem;overflow:auto;font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        details{margin:.75rem 0}
        summary{cursor:pointer;color:var(--blue)}
        .pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:0 2rem;margin:0}
        .pairs div{display:flex;justify-content:space-between;gap:1rem;padding:.28rem 0;border-bottom:1px solid var(--line);font-size:.87rem}
        .pairs dt{font-size:inherit}
        .pairs dd{text-align:right;min-width:30%}
        .tags{display:flex;flex-wrap:wrap;gap:.35rem;padding:0;margin:.5rem 0 1rem;list-style:none}
        .tags li{padding:.1rem .55rem;background:var(--panel);border:1px solid var(--line);border-radius:1rem;font-size:.87rem}
        .tags small{color:var(--muted)}
        .warn{margin:.5rem 0;padding:.5rem .75rem;border-left:3px solid var(--orange);background:var(--panel);font-size:.87rem}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.5rem 2rem}
        .charts .wide{grid-column:1/-1}
        figure{margin:0;min-width:0}
        figcaption{margin-bottom:.5rem;font-size:.87rem}
        figcaption b{font-weight:650;margin-right:.75rem}
        .legend{display:inline-flex;align-items:center;gap:.35rem;margin-right:.9rem;color:var(--muted)}
        .legend svg{width:1.3rem;height:.7rem;flex:none}
        .plot{display:grid;grid-template:var(--h,13rem) auto auto/1.3rem var(--yw,4rem) 1fr;column-gap:.4rem;font-size:.75rem;color:var(--muted);font-variant-numeric:tabular-nums}
        .wide .plot{--h:17rem}
        .plot>svg{grid-area:1/3;width:100%;height:100%;overflow:visible;display:block}
        .ylab{grid-area:1/1;writing-mode:vertical-rl;transform:rotate(180deg);text-align:center}
        .yt{grid-area:1/2;position:relative}
        .yt span{position:absolute;right:0;transform:translateY(50%);line-height:1;white-space:nowrap}
        .xt{grid-area:2/3;position:relative;height:1.4rem}
        .xt span{position:absolute;transform:translateX(-50%);top:.3rem;white-space:nowrap}
        .xt span.e{transform:translateX(-100%)}
        .xlab{grid-area:3/3;text-align:center}
        path{fill:none;vector-effect:non-scaling-stroke}
        .grid{stroke:var(--line);stroke-width:1}
        .axis{stroke:var(--muted);stroke-width:1}
        .faint{stroke:var(--blue);stroke-width:1;opacity:.38}
        .thin{stroke:var(--blue);stroke-width:1.25;stroke-linejoin:round}
        .main{stroke:var(--blue);stroke-width:2;stroke-linejoin:round}
        .second{stroke:var(--orange);stroke-width:2;stroke-linejoin:round}
        .dots{stroke:var(--orange);stroke-width:7;stroke-linecap:round}
        .band{fill:var(--blue);opacity:.2}
        .heat td,.heat th{padding:.25rem .4rem;text-align:right;border:1px solid var(--bg);white-space:nowrap}
        .heat{min-width:100%}
        .heat th[scope=row]{position:sticky;left:0;background:var(--bg);text-align:left;padding-left:0;font-weight:500;color:var(--ink)}
        .heat td{min-width:3.1rem;background:color-mix(in oklab,var(--high) var(--v),var(--low))}
        .heat td.no{background:none;color:var(--muted);text-align:center}
        .heat .sum{border-right:.5rem solid var(--bg)}
        .counts{max-width:44rem}
        .bar{display:block;height:.75rem;margin-top:.3rem;min-width:1px;background:var(--blue);border-radius:2px}
        td.bars{width:45%;min-width:8rem}
        .strip{display:flex;gap:.75rem;padding-bottom:.25rem}
        .strip figure{flex:none;width:9rem}
        .strip img{display:block;width:100%;height:auto;border:1px solid var(--line);border-radius:4px}
        .strip figcaption{margin:.25rem 0 0;color:var(--muted);font-size:.8rem;font-variant-numeric:tabular-nums}
        td img{display:block;width:48px;height:48px;object-fit:contain;background:var(--panel);border-radius:3px}
        tr:has(img) td{vertical-align:middle}
        @media (max-width:30rem){h1{font-size:1.4rem}.figures{grid-template-columns:1fr 1fr}.strip figure{width:7rem}.pairs{grid-template-columns:1fr}}
        @media print{body{max-width:none}nav{display:none}details>*{display:block}}
        """);
}
