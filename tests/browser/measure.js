// What is seen of a page: how text and marks stand off what lies behind them, by the formula of WCAG 2.
// Charts' marks are their filled and stroked paths but for the thin lines of grids and axes; a faint area counts by its
// edge. What lies behind a chart's text is the last filled path below the middle of it, else the page.
() => {
    const channels = colour => colour.match(/[\d.]+/g).map(Number);
    const over = (colour, behind, opacity) => {
        const own = channels(colour), share = (own.length < 4 ? 1 : own[3]) * opacity;
        return behind.map((value, at) => share * own[at] + (1 - share) * value);
    };
    const light = colour => {
        const [red, green, blue] = colour.map(value => value / 255)
            .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ratio = (one, other) => {
        const [low, high] = [one, other].map(light).sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const paper = channels(getComputedStyle(document.body).backgroundColor).slice(0, 3);
    const behind = element => element
        ? over(getComputedStyle(element).backgroundColor, behind(element.parentElement), 1) : [255, 255, 255];
    const texts = [...document.querySelectorAll('p,td,th,a,li,b,i,dt,dd,figcaption,caption,summary,label,legend,h1,h2,h3')]
        .filter(element => element.innerText.trim() && element.getClientRects().length)
        .map(element => {
            const ground = behind(element);
            return {text: element.innerText.slice(0, 40), ratio: ratio(over(getComputedStyle(element).color, ground, 1), ground)};
        });
    const drawings = [...document.querySelectorAll('[role=img] svg')].filter(svg => svg.getClientRects().length);
    const marks = [], cards = [];
    for (const svg of drawings) {
        const paths = [...svg.querySelectorAll('path')], area = svg.viewBox.baseVal;
        for (const path of paths) {
            const look = getComputedStyle(path), box = path.getBBox(), style = path.getAttribute('style') || '';
            const seen = ['fill', 'stroke'].filter(part => look[part] !== 'none').map(part =>
                ratio(over(look[part], paper, Number(look.opacity) * Number(look[part + 'Opacity'])), paper));
            if (look.fill !== 'none' && box.width * box.height > 0.8 * area.width * area.height) cards.push(style);
            if (!style.includes('--line')) marks.push({style, ratio: Math.max(1, ...seen)});
        }
        for (const text of svg.querySelectorAll('text')) {
            const box = text.getBBox(), middle = svg.createSVGPoint();
            [middle.x, middle.y] = [box.x + box.width / 2, box.y + box.height / 2];
            let ground = paper;
            for (const path of text.hasAttribute('transform') ? [] : paths) {
                const look = getComputedStyle(path), isBelow = path.compareDocumentPosition(text) & 4;
                if (isBelow && look.fill !== 'none' && path.isPointInFill(middle))
                    ground = over(look.fill, ground, Number(look.opacity) * Number(look.fillOpacity));
            }
            texts.push({text: text.textContent, ratio: ratio(over(getComputedStyle(text).fill, ground, 1), ground)});
        }
    }
    const backgrounds = [...document.querySelectorAll('[role=img], [role=img] svg, figure')]
        .map(element => getComputedStyle(element).backgroundColor).filter(colour => channels(colour)[3] !== 0);
    return {texts, marks, cards: [...cards, ...backgrounds]};
}
